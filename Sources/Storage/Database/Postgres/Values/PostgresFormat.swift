import CPostgres

/// The form in which rows come; libpq asks for all columns in the same one.
enum PostgresEncoding: Int32 {
    case text = 0
    case binary = 1

    /// The best one for columns of these types.
    ///
    /// The server takes a kilobyte of memory for each binary value, however short (`pq_begintypsend`), which for text is
    /// most of the work. So rows of text and integers, which nearly all are, come as text. All else has a binary form that
    /// is shorter, or the only exact one.
    init(for types: [Oid]) {
        let isPlain = types.allSatisfy { PostgresFormat($0, in: .text) != nil }
        self = isPlain ? .text : .binary
    }
}

/// How values of a type are read. Decided once for all rows of a result.
enum PostgresFormat {
    case int8, int4, int2, oid, bool, float8, float4, bytea, numeric, void
    /// The same in both encodings.
    case text
    /// An integer in digits.
    case decimal

    /// `nil` when this program does not know the type, or does not ask for it in this encoding.
    init?(_ type: Oid, in encoding: PostgresEncoding) {
        guard let format = encoding == .binary ? Self(binary: type) : Self(text: type) else { return nil }
        self = format
    }

    private init?(text type: Oid) {
        switch type {
        case PostgresType.int8, PostgresType.int4, PostgresType.int2, PostgresType.oid: self = .decimal
        case _ where PostgresType.isText(type): self = .text
        default: return nil
        }
    }

    private init?(binary type: Oid) {
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
