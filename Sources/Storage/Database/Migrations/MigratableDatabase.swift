import Core

/// A database whose schema a `Migrator` can change: DDL takes part in its transactions, and one write excludes another.
public protocol MigratableDatabase: Core.Database {
    /// A statement of a migration in this database's dialect.
    func translate(_ statement: String) -> String
}
