import Core

/// A database whose schema a `Migrator` can change: DDL takes part in its transactions.
public protocol MigratableDatabase: Core.Database {
    /// A statement of a migration in this database's dialect.
    func translate(_ statement: String) -> String

    /// Runs a body in one write transaction while no other migrator runs one, however long it takes.
    /// - Throws: as `write`.
    func migrate<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value
}
