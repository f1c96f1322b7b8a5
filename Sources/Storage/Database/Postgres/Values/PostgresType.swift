import CPostgres
import Core

/// The types of PostgreSQL that values are sent as and read from, by their object ids (`pg_type.dat`).
enum PostgresType {
    static let unknown: Oid = 0
    static let bool: Oid = 16
    static let bytea: Oid = 17
    static let int8: Oid = 20
    static let int2: Oid = 21
    static let int4: Oid = 23
    static let text: Oid = 25
    static let oid: Oid = 26
    static let float4: Oid = 700
    static let float8: Oid = 701
    static let numeric: Oid = 1700
    static let void: Oid = 2278

    /// Whether it is text on the wire: name, text, json, unknown literals, bpchar, varchar.
    static func isText(_ type: Oid) -> Bool {
        switch type {
        case 19, text, 114, 705, 1042, 1043: true
        default: false
        }
    }
}

extension SQLValue {
    /// The type a value is sent as when nothing else is known; NULL leaves it to the server.
    var naturalType: Oid {
        switch self {
        case .null: PostgresType.unknown
        case .integer: PostgresType.int8
        case .real: PostgresType.float8
        case .text: PostgresType.text
        case .blob: PostgresType.bytea
        }
    }

    /// Whether the value can be sent as a parameter of that type.
    func fits(_ type: Oid) -> Bool {
        switch self {
        case .null: true
        case .integer(let value): type == PostgresType.int8 || type == PostgresType.float8 || fitsSmaller(type, value)
        case .real: type == PostgresType.float8
        case .text: PostgresType.isText(type)
        case .blob: type == PostgresType.bytea
        }
    }

    /// Appends the value in the binary format of a type that it fits.
    func append(to bytes: inout [UInt8], as type: Oid) {
        switch self {
        case .null: break
        case .integer(let value):
            switch type {
            case PostgresType.float8: bytes.append(bigEndian: Double(value).bitPattern)
            case PostgresType.int4: bytes.append(bigEndian: Int32(truncatingIfNeeded: value))
            case PostgresType.int2: bytes.append(bigEndian: Int16(truncatingIfNeeded: value))
            default: bytes.append(bigEndian: value)
            }
        case .real(let value): bytes.append(bigEndian: value.bitPattern)
        case .text(let text): bytes.append(contentsOf: text.utf8)
        case .blob(let content): bytes.append(contentsOf: content)
        }
    }

    private func fitsSmaller(_ type: Oid, _ value: Int64) -> Bool {
        type == PostgresType.int4 && Int32(exactly: value) != nil || type == PostgresType.int2 && Int16(exactly: value) != nil
    }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}
