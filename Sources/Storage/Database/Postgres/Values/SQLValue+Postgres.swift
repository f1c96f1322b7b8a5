import CPostgres
import Core

extension SQLValue {
    /// Reads a value that is not NULL.
    init(_ bytes: UnsafeRawBufferPointer, as format: PostgresFormat) {
        switch format {
        case .int8: self = .integer(bytes.bigEndian(Int64.self))
        case .int4: self = .integer(Int64(bytes.bigEndian(Int32.self)))
        case .int2: self = .integer(Int64(bytes.bigEndian(Int16.self)))
        case .oid: self = .integer(Int64(bytes.bigEndian(UInt32.self)))
        case .bool: self = .integer(bytes.bigEndian(UInt8.self) == 0 ? 0 : 1)
        case .float8: self = .real(Double(bitPattern: bytes.bigEndian(UInt64.self)))
        case .float4: self = .real(Double(Float(bitPattern: bytes.bigEndian(UInt32.self))))
        case .bytea: self = .blob([UInt8](bytes))
        case .numeric: self = PostgresNumeric(bytes).value
        case .void: self = .null
        case .text: self = .text(String(decoding: bytes, as: UTF8.self))
        case .decimal: self = .integer(bytes.decimal)
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The integer that the buffer begins with; 0 when it is shorter.
    func bigEndian<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type, at offset: Int = 0) -> Value {
        guard count >= offset + MemoryLayout<Value>.size else { return 0 }
        return Value(bigEndian: loadUnaligned(fromByteOffset: offset, as: Value.self))
    }

    /// The integer that the buffer spells, of 64 bits as the server's are.
    var decimal: Int64 {
        let isNegative = first == UInt8(ascii: "-")
        // Downwards, for there is one more number below zero than above.
        var value: Int64 = 0
        for index in (isNegative ? 1 : 0)..<count { value = value &* 10 &- Int64(self[index] &- UInt8(ascii: "0")) }
        return isNegative ? value : 0 &- value
    }
}
