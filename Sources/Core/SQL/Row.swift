/// One row of a result, read by column name.
public struct Row: Sendable {
    private let names: [String]
    private let values: [SQLValue]

    /// - Parameter names: column names in the result's order, shared by all its rows.
    public init(names: [String], values: [SQLValue]) {
        self.names = names
        self.values = values
    }

    /// The value of a column that is never NULL.
    /// - Throws: `DatabaseError.unexpectedColumn` when it is missing, NULL or of another kind.
    public func get<Value: SQLConvertible>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        guard let value = Value(sqlValue: try raw(name)) else { throw DatabaseError.unexpectedColumn(name) }
        return value
    }

    /// The value of a column that may be NULL.
    /// - Throws: `DatabaseError.unexpectedColumn` when it is missing or of another kind.
    public func optional<Value: SQLConvertible>(_ name: String, as type: Value.Type = Value.self) throws -> Value? {
        let value = try raw(name)
        return value == .null ? nil : try get(name, as: type)
    }

    private func raw(_ name: String) throws -> SQLValue {
        guard let index = names.firstIndex(of: name) else { throw DatabaseError.unexpectedColumn(name) }
        return values[index]
    }
}
