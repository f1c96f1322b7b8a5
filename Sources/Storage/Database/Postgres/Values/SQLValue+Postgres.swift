import CPostgres
import Core

/// How values of a type are read from the binary format. Decided once for all rows of a result.
enum PostgresFormat {
    case int8, int4, int2, oid, bool, float8, float4, bytea, numeric, void, text

    /// `nil` when this program does not know the type.
    init?(_ type: Oid) {
        switch type {
        case PostgresType.int8: self = .int8
        case PostgresType.int4: self = .int4
        case PostgresType.int2: self = .int2
        case PostgresType.oid: self = .oid
        case PostgresType.bool: self = .bool
        case PostgresType.float8: self = .float8
        case PostgresType.float4: self = .float4
        case PostgresType.bytea: self = .bytea
        case PostgresType.numeric: self = .numeric
        case PostgresType.void: self = .void
        case _ where PostgresType.isText(type): self = .text
        default: return nil
        }
    }
}

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
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The integer that the buffer begins with; 0 when it is shorter.
    func bigEndian<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type, at offset: Int = 0) -> Value {
        guard count >= offset + MemoryLayout<Value>.size else { return 0 }
        return Value(bigEndian: loadUnaligned(fromByteOffset: offset, as: Value.self))
    }
}
