import Core

/// Brings a schema up to the newest migration, or down again, all or nothing.
///
/// Each call is one transaction that excludes other migrators, and a statement that fails leaves the schema as it was.
/// What is applied is kept in the table `schema_migrations`.
public struct Migrator: Sendable {
    private let database: any MigratableDatabase
    private let ledger: MigrationLedger
    private let clock: any WallClock

    /// - Parameter migrations: of all modules, in any order.
    /// - Throws: `MigrationError.duplicateNumber`.
    public init(
        _ database: any MigratableDatabase, migrations: [Migration], clock: any WallClock = SystemWallClock()
    ) throws {
        self.database = database
        self.ledger = try MigrationLedger(migrations)
        self.clock = clock
    }

    /// Applies everything, for a new database or a test.
    /// - Throws: `MigrationError`, `DatabaseError`.
    public static func migrate(_ database: any MigratableDatabase, _ migrations: [Migration]) async throws {
        try await Migrator(database, migrations: migrations).up()
    }

    /// Applies what is not applied yet, in ascending order.
    /// - Returns: the numbers applied.
    /// - Throws: `MigrationError` when the database does not fit this program, `DatabaseError` when a statement fails.
    @discardableResult
    public func up() async throws -> [Int] {
        try await database.migrate { [self] in try apply(in: $0) }
    }

    /// Undoes every applied migration above a number, the highest first; 0 empties the schema.
    /// - Returns: the numbers undone.
    /// - Throws: as `up`.
    @discardableResult
    public func down(to number: Int) async throws -> [Int] {
        try await database.migrate { [self] in try undo(downTo: number, in: $0) }
    }

    /// Undoes every migration and applies them all again: an empty schema. All data is lost.
    /// - Returns: the numbers applied.
    /// - Throws: as `up`; the schema and its data are then as they were.
    @discardableResult
    public func reset() async throws -> [Int] {
        try await database.migrate { [self] transaction in
            _ = try undo(downTo: 0, in: transaction)
            return try apply(in: transaction)
        }
    }

    /// All migrations this program or the database knows, in ascending order.
    /// - Throws: `DatabaseError`.
    public func status() async throws -> [MigrationStatus] {
        try await database.migrate { [database, ledger] transaction in
            ledger.status(applied: try Self.applied(in: transaction, database))
        }
    }

    private func apply(in transaction: any Transaction) throws -> [Int] {
        let pending = try ledger.pending(applied: Self.applied(in: transaction, database))
        for migration in pending {
            try Self.run(migration.up, in: transaction, database)
            try transaction.execute("""
                INSERT INTO schema_migrations (number, name, checksum, applied_at)
                VALUES (\(migration.number), \(migration.name), \(migration.checksum), \(clock.now()))
                """)
        }
        return pending.map(\.number)
    }

    private func undo(downTo number: Int, in transaction: any Transaction) throws -> [Int] {
        let undone = try ledger.undone(downTo: number, applied: Self.applied(in: transaction, database))
        for migration in undone {
            try Self.run(migration.down, in: transaction, database)
            try transaction.execute("DELETE FROM schema_migrations WHERE number = \(migration.number)")
        }
        return undone.map(\.number)
    }

    private static func applied(
        in transaction: any Transaction, _ database: any MigratableDatabase
    ) throws -> [AppliedMigration] {
        try run(
            ["""
            CREATE TABLE IF NOT EXISTS schema_migrations (
                number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL)
            """], in: transaction, database)
        return try transaction.query("SELECT number, name, checksum, applied_at FROM schema_migrations ORDER BY number")
            .map(AppliedMigration.init)
    }

    private static func run(
        _ statements: [String], in transaction: any Transaction, _ database: any MigratableDatabase
    ) throws {
        for statement in statements {
            try transaction.execute(SQL(stringLiteral: database.translate(statement)))
        }
    }
}
