import CPostgres
import Core

extension SQLValue {
    /// Reads a value in the binary format of its type; `nil` when this program does not know the type.
    init?(_ bytes: UnsafeRawBufferPointer, type: Oid) {
        switch type {
        case PostgresType.int8: self = .integer(bytes.bigEndian(Int64.self))
        case PostgresType.int4: self = .integer(Int64(bytes.bigEndian(Int32.self)))
        case PostgresType.int2: self = .integer(Int64(bytes.bigEndian(Int16.self)))
        case PostgresType.oid: self = .integer(Int64(bytes.bigEndian(UInt32.self)))
        case PostgresType.bool: self = .integer(bytes.bigEndian(UInt8.self) == 0 ? 0 : 1)
        case PostgresType.float8: self = .real(Double(bitPattern: bytes.bigEndian(UInt64.self)))
        case PostgresType.float4: self = .real(Double(Float(bitPattern: bytes.bigEndian(UInt32.self))))
        case PostgresType.bytea: self = .blob([UInt8](bytes))
        case PostgresType.numeric: self = PostgresNumeric(bytes).value
        case PostgresType.void: self = .null
        case _ where PostgresType.texts.contains(type): self = .text(String(decoding: bytes, as: UTF8.self))
        default: return nil
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
