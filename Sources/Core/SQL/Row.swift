/// One row of a result, read by column name.
public struct Row: Sendable {
    private let names: [String]
    private let values: [SQLValue]
    private let start: Int

    /// - Parameters:
    ///   - names: column names in the result's order, shared by all its rows.
    ///   - values: the row's; or the whole result's, row after row, which all rows can share then.
    ///   - start: where the row's begin.
    public init(names: [String], values: [SQLValue], start: Int = 0) {
        self.names = names
        self.values = values
        self.start = start
    }

    /// The value of a column that is never NULL.
    /// - Throws: `DatabaseError.unexpectedColumn` when it is missing, NULL or of another kind.
    public func get<Value: SQLConvertible>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        try Self.converted(try raw(name), of: name)
    }

    /// The value of a column that may be NULL.
    /// - Throws: `DatabaseError.unexpectedColumn` when it is missing or of another kind.
    public func optional<Value: SQLConvertible>(_ name: String, as type: Value.Type = Value.self) throws -> Value? {
        let value = try raw(name)
        if case .null = value { return nil }
        return try Self.converted(value, of: name)
    }

    /// The value of a column that is never NULL, by the column's position from 0: for long results, where looking for names
    /// takes longer than all else.
    /// - Throws: `DatabaseError.unexpectedColumn` when it is missing, NULL or of another kind.
    public func get<Value: SQLConvertible>(at index: Int, as type: Value.Type = Value.self) throws -> Value {
        try Self.converted(try raw(index), of: names[index])
    }

    /// The value of a column that may be NULL, by the column's position from 0.
    /// - Throws: `DatabaseError.unexpectedColumn` when it is missing or of another kind.
    public func optional<Value: SQLConvertible>(at index: Int, as type: Value.Type = Value.self) throws -> Value? {
        let value = try raw(index)
        if case .null = value { return nil }
        return try Self.converted(value, of: names[index])
    }

    private static func converted<Value: SQLConvertible>(_ value: SQLValue, of name: String) throws -> Value {
        guard let converted = Value(sqlValue: value) else { throw DatabaseError.unexpectedColumn(name) }
        return converted
    }

    private func raw(_ name: String) throws -> SQLValue {
        guard let index = names.firstIndex(of: name) else { throw DatabaseError.unexpectedColumn(name) }
        return values[start + index]
    }

    private func raw(_ index: Int) throws -> SQLValue {
        guard names.indices.contains(index) else { throw DatabaseError.unexpectedColumn("column \(index)") }
        return values[start + index]
    }
}
