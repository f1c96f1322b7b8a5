import Core
import Database
import Foundation
import TestSupport
import Testing

@Suite struct `A database's identity` {
    @Test("stays with an SQLite file through all that is written, and is not that of a copy in its place")
    func file() async throws {
        let folder = try TemporaryFolder("identity")
        let (path, copy) = (folder.file("test.sqlite"), folder.file("copy.sqlite"))
        let first = try await Self.identity(path) { try await $0.write { try $0.insert("one") } }
        #expect(try await Self.identity(path) { try await $0.write { try $0.insert("two") } } == first)
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: copy, toPath: path)
        let second = try await Self.identity(path) { try await $0.write { try $0.insert("three") } }
        #expect(second != first && first != nil && second != nil)
    }

    @Test("stays with a PostgreSQL database through a restart, and is not that of another or of tables made anew",
        .enabled(if: LocalPostgres.isInstalled, "PostgreSQL is not installed"))
    func cluster() async throws {
        let server = try await LocalPostgres()
        let url = try await server.freshDatabase()
        let database = try await PostgresDatabase.open(url)
        let migrator = try Migrator(database, migrations: [testSchema])
        try await migrator.up()
        let first = try #require(try await database.identity())
        try await server.restart()
        _ = try await eventually("the database to be back") { try? await database.count() }
        #expect(try await database.identity() == first)
        let other = try await PostgresDatabase.open(try await server.freshDatabase())
        #expect(try await other.identity() != first)
        await other.close()
        // As `pg_restore --clean` does.
        try await server.run("CREATE TABLE made_anew (LIKE schema_migrations INCLUDING ALL)", in: String(databaseName(url)))
        try await server.run(
            "INSERT INTO made_anew SELECT * FROM schema_migrations; DROP TABLE schema_migrations;"
                + "ALTER TABLE made_anew RENAME TO schema_migrations", in: String(databaseName(url)))
        #expect(try await database.identity() != first)
        await database.close()
    }

    @Test("is not known where PostgreSQL does not let us ask",
        .enabled(if: LocalPostgres.isInstalled, "PostgreSQL is not installed"))
    func refused() async throws {
        let server = try await LocalPostgres.shared.value
        let name = String(databaseName(try await server.freshDatabase()))
        try await server.run("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC; CREATE ROLE stranger LOGIN", in: name)
        let url = server.url(of: name).replacing("//lumiere@", with: "//stranger@")
        let database = try await PostgresDatabase.open(url)
        #expect(try await database.identity() == nil)
        await database.close()
    }

    private static func identity(
        _ path: String, _ body: (SQLiteDatabase) async throws -> Void
    ) async throws -> String? {
        let database = try await SQLiteDatabase.open(path)
        try await Migrator.migrate(database, [testSchema])
        try await body(database)
        let identity = try await database.identity()
        try await database.close()
        return identity
    }
}
