import Core
import Database
import Foundation
import TestSupport
import Testing

struct Refused: Error, Equatable {}

/// Runs a test on a migrated SQLite file in a folder of its own, which is removed afterwards.
func withSQLite(
    _ configuration: SQLiteConfiguration = SQLiteConfiguration(), _ body: (SQLiteDatabase, String) async throws -> Void
) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("database-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("test.sqlite").path
    let database = try await SQLiteDatabase.open(path, configuration: configuration)
    try await Migrator.migrate(database, [testSchema])
    try await body(database, path)
    try await database.close()
}

let testSchema = Migration(
    1, "test tables",
    up: [
        "CREATE TABLE items (id {{serial}}, name TEXT NOT NULL UNIQUE, amount INTEGER CHECK (amount >= 0))",
        """
        CREATE TABLE parts (
            id {{serial}}, item INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED)
        """,
        "CREATE TABLE kinds (id {{serial}}, whole INTEGER, part REAL, words TEXT, bytes BLOB)",
    ],
    down: ["DROP TABLE kinds", "DROP TABLE parts", "DROP TABLE items"])

extension Transaction {
    func insert(_ name: String, amount: Int = 0) throws {
        try execute("INSERT INTO items (name, amount) VALUES (\(name), \(amount))")
    }
}

extension Core.Database {
    func names() async throws -> [String] {
        try await read { try $0.query("SELECT name FROM items ORDER BY id").map { try $0.get("name") } }
    }

    func count() async throws -> Int {
        try await read { try $0.first("SELECT COUNT(*) AS count FROM items")?.get("count") ?? 0 }
    }
}

/// Runs a test on a new, migrated database of the shared server.
func withPostgres(
    _ configuration: PostgresConfiguration = PostgresConfiguration(),
    _ body: (_ database: PostgresDatabase, _ url: String) async throws -> Void
) async throws {
    let server = try await LocalPostgres.shared.value
    let url = try await server.freshDatabase()
    let database = try await PostgresDatabase.open(url, configuration: configuration)
    try await Migrator.migrate(database, [testSchema])
    try await body(database, url)
    await database.close()
}

/// Ends all sessions of a database.
func terminate(_ url: String) async throws {
    let server = try await LocalPostgres.shared.value
    try await server.run("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '\(databaseName(url))'")
}

func databaseName(_ url: String) -> Substring { url.split(separator: "/").last ?? "" }

/// Blocks a connection's thread until something asynchronous is done.
func wait(for work: @escaping @Sendable () async throws -> Void) {
    let done = Gate()
    Task {
        try? await work()
        done.open()
    }
    done.wait()
}

extension DatabaseError {
    /// The code of `failed`.
    var code: String? {
        guard case .failed(let code, _, _) = self else { return nil }
        return code
    }
}

/// The databases that a test of what is common to all runs on.
enum TestDriver: String, Sendable, CustomTestStringConvertible {
    case sqlite = "SQLite"
    case postgres = "PostgreSQL"

    static var installed: [TestDriver] { LocalPostgres.isInstalled ? [.sqlite, .postgres] : [.sqlite] }

    var testDescription: String { rawValue }

    func withEmpty(_ body: (any DatabaseDriver) async throws -> Void) async throws {
        let folder = try TemporaryFolder("database")
        let database = try await open(in: folder)
        try await body(database)
        try await database.close()
    }

    func tables(of database: any DatabaseDriver) async throws -> [String] {
        let query: SQL = switch self {
        case .sqlite: "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        case .postgres: "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY name"
        }
        return try await database.read { try $0.query(query).map { try $0.get("name") } }
    }

    private func open(in folder: TemporaryFolder) async throws -> any DatabaseDriver {
        switch self {
        case .sqlite: try await SQLiteDatabase.open(folder.file("test.sqlite"))
        case .postgres: try await PostgresDatabase.open(try await LocalPostgres.shared.value.freshDatabase())
        }
    }
}
