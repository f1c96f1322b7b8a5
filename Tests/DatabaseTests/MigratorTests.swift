import Core
import Foundation
import TestSupport
import Testing

@testable import Database

@Suite struct `A migrator` {
    let first = Migration(101, "first", up: ["CREATE TABLE one (id {{serial}})"], down: ["DROP TABLE one"])
    let second = Migration(
        205, "second", up: ["CREATE TABLE two (id {{serial}}, one INTEGER NOT NULL REFERENCES one (id));"],
        down: ["DROP TABLE two"])

    @Test("applies in ascending order whatever the order given, and only once", arguments: TestDriver.installed)
    func up(_ driver: TestDriver) async throws {
        try await driver.withEmpty { database in
            let migrator = try Migrator(database, migrations: [second, first])
            #expect(try await migrator.up() == [101, 205])
            #expect(try await migrator.up() == [])
            #expect(try await driver.tables(of: database) == ["one", "schema_migrations", "two"])
        }
    }

    @Test("a later migration with a lower number is applied too", arguments: TestDriver.installed)
    func lateLowNumber(_ driver: TestDriver) async throws {
        try await driver.withEmpty { database in
            try await Migrator.migrate(database, [Migration(300, "c", up: ["CREATE TABLE three (id {{serial}})"], down: [])])
            let all = [first, Migration(300, "c", up: ["CREATE TABLE three (id {{serial}})"], down: [])]
            #expect(try await Migrator(database, migrations: all).up() == [101])
        }
    }

    @Test("goes down to a number, the highest first, and up again", arguments: TestDriver.installed)
    func down(_ driver: TestDriver) async throws {
        try await driver.withEmpty { database in
            let migrator = try Migrator(database, migrations: [first, second])
            try await migrator.up()
            #expect(try await migrator.down(to: 101) == [205])
            #expect(try await driver.tables(of: database) == ["one", "schema_migrations"])
            #expect(try await migrator.down(to: 0) == [101])
            #expect(try await migrator.up() == [101, 205])
        }
    }

    @Test("a statement that fails leaves the schema as it was", arguments: TestDriver.installed)
    func allOrNothing(_ driver: TestDriver) async throws {
        try await driver.withEmpty { database in
            let broken = Migration(300, "broken", up: ["CREATE TABLE three (id {{serial}})", "CREATE NONSENSE"], down: [])
            let migrator = try Migrator(database, migrations: [first, broken])
            await #expect(throws: DatabaseError.self) { try await migrator.up() }
            #expect(try await driver.tables(of: database) == [])
        }
    }

    @Test("refuses a database whose applied migration has changed, and says which", arguments: TestDriver.installed)
    func changed(_ driver: TestDriver) async throws {
        try await driver.withEmpty { database in
            try await Migrator.migrate(database, [first])
            let edited = Migration(101, "first", up: ["CREATE TABLE one (id {{serial}}, more TEXT)"], down: [])
            let migrator = try Migrator(database, migrations: [edited, second])
            let error = await #expect(throws: MigrationError.self) { try await migrator.up() }
            #expect(error == .changed(number: 101, name: "first"))
            #expect(error.map { "\($0)" }?.contains("101 (first)") == true)
            await #expect(throws: MigrationError.self) { try await migrator.down(to: 0) }
            #expect(try await migrator.status().map(\.state) == [.changed, .pending])
        }
    }

    @Test("refuses a database that a newer program has migrated", arguments: TestDriver.installed)
    func unknown(_ driver: TestDriver) async throws {
        try await driver.withEmpty { database in
            try await Migrator.migrate(database, [first, second])
            let older = try Migrator(database, migrations: [first])
            await #expect(throws: MigrationError.unknown(number: 205, name: "second")) { try await older.up() }
            #expect(try await older.status().last?.state == .unknown)
        }
    }

    @Test("refuses two migrations with one number", arguments: TestDriver.installed)
    func duplicate(_ driver: TestDriver) async throws {
        try await driver.withEmpty { database in
            #expect(throws: MigrationError.duplicateNumber(101)) {
                try Migrator(database, migrations: [first, Migration(101, "again", up: [], down: [])])
            }
        }
    }

    @Test("status tells what is applied and when", arguments: TestDriver.installed)
    func status(_ driver: TestDriver) async throws {
        struct Noon: WallClock { func now() -> Timestamp { Timestamp(milliseconds: 12) } }
        try await driver.withEmpty { database in
            try await Migrator(database, migrations: [first], clock: Noon()).up()
            let status = try await Migrator(database, migrations: [first, second]).status()
            #expect(status == [
                MigrationStatus(number: 101, name: "first", state: .applied(Timestamp(milliseconds: 12))),
                MigrationStatus(number: 205, name: "second", state: .pending),
            ])
        }
    }

    @Test("reset leaves the newest schema without data, or everything as it was", arguments: TestDriver.installed)
    func reset(_ driver: TestDriver) async throws {
        try await driver.withEmpty { database in
            let migrator = try Migrator(database, migrations: [first, second])
            try await migrator.up()
            let counts: @Sendable (any Transaction) throws -> Int? = {
                try $0.first("SELECT COUNT(*) AS count FROM one")?.get("count")
            }
            try await database.write { _ = try $0.execute("INSERT INTO one (id) VALUES (1)") }
            let broken = Migration(205, "second", up: second.up, down: ["DROP TABLE nothing"])
            await #expect(throws: DatabaseError.self) { try await Migrator(database, migrations: [first, broken]).reset() }
            #expect(try await database.read(counts) == 1)
            #expect(try await migrator.reset() == [101, 205])
            #expect(try await database.read(counts) == 0)
        }
    }

    @Test("migrators that start together apply everything once", arguments: TestDriver.installed)
    func together(_ driver: TestDriver) async throws {
        try await driver.withEmpty { database in
            let migrator = try Migrator(database, migrations: [first, second])
            let applied = try await withThrowingTaskGroup(of: [Int].self) { group in
                for _ in 0..<5 { group.addTask { try await migrator.up() } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(applied == [101, 205])
        }
    }

    @Test("SQLite's dialect", arguments: [
        ("CREATE TABLE a (id {{serial}});", "CREATE TABLE a (id INTEGER PRIMARY KEY) STRICT"),
        ("\n create table IF NOT EXISTS a (b TEXT)\n", "create table IF NOT EXISTS a (b TEXT) STRICT"),
        ("CREATE TABLE a (b TEXT PRIMARY KEY) WITHOUT ROWID", "CREATE TABLE a (b TEXT PRIMARY KEY) WITHOUT ROWID, STRICT"),
        ("CREATE INDEX a ON b (c)", "CREATE INDEX a ON b (c)"),
    ])
    func dialect(_ statement: String, _ expected: String) {
        #expect(SQLiteDialect.translate(statement) == expected)
    }
}
