import Core
import Foundation
import TestSupport
import Testing

@testable import Database

@Suite(.enabled(if: LocalPostgres.isInstalled)) struct `PostgreSQL database` {
    @Test("keeps the contract", arguments: DatabaseContract.all)
    func contract(_ clause: DatabaseContract.Clause) async throws {
        try await withPostgres { database, _ in try await clause.check(database) }
    }

    @Test("sessions read only, on one snapshot, and what they acknowledge is on the disk", arguments: [
        ("default_transaction_isolation", "repeatable read"), ("default_transaction_read_only", "on"),
        ("synchronous_commit", "on"), ("statement_timeout", "30s"), ("client_encoding", "UTF8"),
        ("application_name", "lumiere"), ("transaction_isolation", "repeatable read"), ("transaction_read_only", "on"),
    ])
    func settings(_ name: String, _ expected: String) async throws {
        let server = try await LocalPostgres.shared.value
        try await withPostgres { _, url in
            let database = url.split(separator: "/").last ?? ""
            try await server.run("ALTER DATABASE \(database) SET synchronous_commit = off")
            let other = try await PostgresDatabase.open(url)
            let row = try await other.read { try $0.first("SELECT current_setting(\(name)) AS value") }
            #expect(try row?.get("value") == expected)
            await other.close()
        }
    }

    @Test("writes say how they are isolated", arguments: [
        (Isolation.serializable, "serializable"), (.readCommitted, "read committed"),
    ])
    func isolation(_ isolation: Isolation, _ expected: String) async throws {
        try await withPostgres { database, _ in
            let row = try await database.write(isolation) {
                try $0.first("SELECT current_setting('transaction_isolation') AS level")
            }
            #expect(try row?.get("level") == expected)
        }
    }

    @Test("a serialization failure is repeated from the beginning, and the effect happens once")
    func serializationFailure() async throws {
        try await withPostgres { database, _ in
            let (looked, changed, runs) = (Gate(), Gate(), Log())
            async let slow: Void = database.write { transaction in
                let count: Int = try transaction.first("SELECT COUNT(*) AS count FROM items")?.get("count") ?? 0
                transaction.afterCommit { runs.add("effect") }
                runs.add("saw \(count)")
                looked.open()
                changed.wait()
                try transaction.insert("after \(count)")
            }
            await looked.passed()
            try await database.write { transaction in
                _ = try transaction.query("SELECT COUNT(*) AS count FROM items")
                try transaction.insert("meanwhile")
            }
            changed.open()
            try await slow
            #expect(runs.entries == ["saw 0", "saw 1", "effect"])
            #expect(try await database.names().sorted() == ["after 1", "meanwhile"])
        }
    }

    @Test("a deadlock is dissolved and both writes take place")
    func deadlock() async throws {
        try await withPostgres { database, _ in
            try await database.write { for name in ["a", "b"] { try $0.insert(name) } }
            let (hasA, hasB, runs) = (Gate(), Gate(), Log())
            @Sendable func add(_ first: String, _ second: String, _ mine: Gate, _ theirs: Gate) async throws {
                try await database.write { transaction in
                    runs.add(first)
                    try transaction.execute("UPDATE items SET amount = amount + 1 WHERE name = \(first)")
                    mine.open()
                    theirs.wait()
                    try transaction.execute("UPDATE items SET amount = amount + 1 WHERE name = \(second)")
                }
            }
            async let one: Void = add("a", "b", hasA, hasB)
            async let other: Void = add("b", "a", hasB, hasA)
            _ = try await (one, other)
            #expect(runs.entries.count > 2)
            let total = try await database.read { try $0.first("SELECT SUM(amount) AS total FROM items") }
            #expect(try total?.get("total") == 4)
        }
    }

    @Test("what others keep in the way of for too long is given up as busy")
    func retriesAreBounded() async throws {
        var configuration = PostgresConfiguration()
        configuration.retries = 2
        try await withPostgres(configuration) { database, _ in
            try await database.write { try $0.insert("a") }
            let runs = Log()
            // Every run sees a change that it cannot have seen, made by another write while it waits.
            let error = await #expect(throws: DatabaseError.self) {
                try await database.write { transaction in
                    runs.add("run")
                    _ = try transaction.query("SELECT amount FROM items")
                    let done = Gate()
                    Task {
                        _ = try await database.write { try $0.execute("UPDATE items SET amount = amount + 1") }
                        done.open()
                    }
                    done.wait()
                    try transaction.execute("UPDATE items SET amount = 0")
                }
            }
            #expect(error?.code == "busy" && error?.isTransient == true)
            #expect(runs.entries.count == 3)
        }
    }

    @Test("a connection keeps only so many statements prepared")
    func preparedStatements() async throws {
        var configuration = PostgresConfiguration()
        (configuration.connections, configuration.preparedStatements) = (1, 4)
        try await withPostgres(configuration) { database, _ in
            for round in 0..<3 {
                for number in 0..<12 {
                    let column = SQL(stringLiteral: "SELECT \(number) AS number, name FROM items")
                    _ = try await database.read { try $0.query("\(sql: column) WHERE id = \(round)") }
                }
            }
            let row = try await database.read { try $0.first("SELECT COUNT(*) AS count FROM pg_prepared_statements") }
            // One that has expired is deallocated with the next that is prepared.
            let count: Int = try #require(row).get("count")
            #expect((4...5).contains(count))
        }
    }

    @Test("statements prepared before the schema changed go on working", arguments: [false, true])
    func staleStatements(_ isWrite: Bool) async throws {
        var configuration = PostgresConfiguration()
        configuration.connections = 1
        try await withPostgres(configuration) { database, url in
            let look: @Sendable (any Transaction) throws -> Int = { transaction in
                if isWrite { try transaction.insert("row") }
                let rows = try transaction.query("SELECT * FROM items")
                if isWrite { try transaction.execute("DELETE FROM items") }
                return rows.count
            }
            for _ in 0..<7 { _ = isWrite ? try await database.write(look) : try await database.read(look) }
            let server = try await LocalPostgres.shared.value
            try await server.run("ALTER TABLE items ADD COLUMN more TEXT", in: String(url.split(separator: "/").last ?? ""))
            let count = isWrite ? try await database.write(look) : try await database.read(look)
            #expect(count == (isWrite ? 1 : 0))
        }
    }

    @Test("errors hold no values, whatever went wrong", arguments: [
        "INSERT INTO items (name) VALUES (\("secret-4711"))", "INSERT INTO items (name, amount) VALUES ('b', \(-4711))",
        "SELECT CAST(\("secret-4711") AS INTEGER) AS number", "SELECT \("secret-4711") + 1 AS number",
        "INSERT INTO kinds (id, words) VALUES (NULL, \("secret-4711"))",
        "SELECT CAST(\(Int64(4_711_000_000_000)) AS SMALLINT) AS number",
        "SELECT nothing FROM items WHERE name = \("secret-4711")", "SELECT 1 / (\(4711) - \(4711)) AS ratio",
    ] as [SQL])
    func errorsHoldNoValues(_ statement: SQL) async throws {
        try await withPostgres { database, _ in
            try await database.write { try $0.insert("secret-4711") }
            let error = await #expect(throws: DatabaseError.self) { try await database.write { try $0.query(statement) } }
            let text = try #require(error.map { "\($0)" })
            #expect(!text.contains("4711") && !text.contains("secret"))
        }
    }

    @Test("large values come back whole")
    func largeValues() async throws {
        try await withPostgres { database, _ in
            let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
            let words = String(repeating: "Grüße ", count: 300_000)
            let row = try await database.write { transaction in
                try transaction.execute("INSERT INTO kinds (words, bytes) VALUES (\(words), \(bytes))")
                return try transaction.first("SELECT words, bytes FROM kinds")
            }
            #expect(try row?.get("words") == words)
            #expect(try row?.get("bytes") == bytes)
        }
    }

    @Test("a statement that runs for too long is stopped by the server")
    func statementTimeout() async throws {
        var configuration = PostgresConfiguration()
        configuration.statementTimeout = .milliseconds(100)
        try await withPostgres(configuration) { database, _ in
            for _ in 0..<2 {
                let error = await #expect(throws: DatabaseError.self) {
                    try await database.read { try $0.query("SELECT pg_sleep(30)") }
                }
                #expect(error?.code == "timed_out")
            }
            // A migration takes as long as it takes.
            let long = Migration(2, "long", up: ["SELECT pg_sleep(0.4)"], down: [])
            let applied = try await Migrator(database, migrations: [testSchema, long]).up()
            #expect(applied == [2])
        }
    }

    @Test("ten nodes that migrate at once apply everything once")
    func migrators() async throws {
        let url = try await LocalPostgres.shared.value.freshDatabase()
        let second = Migration(
            2, "slow", up: ["CREATE TABLE slow (id {{serial}})", "SELECT pg_sleep(0.2)"], down: ["DROP TABLE slow"])
        let applied = try await withThrowingTaskGroup(of: [Int].self) { group in
            for _ in 0..<10 {
                group.addTask {
                    var configuration = PostgresConfiguration()
                    configuration.connections = 2
                    let database = try await PostgresDatabase.open(url, configuration: configuration)
                    let numbers = try await Migrator(database, migrations: [testSchema, second]).up()
                    await database.close()
                    return numbers
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(applied == [1, 2])
    }

    @Test("jobs are taken side by side, each by one")
    func takingUnlocked() async throws {
        try await withPostgres { database, _ in
            try await database.write { transaction in for number in 0..<40 { try transaction.insert("job \(number)") } }
            let taken = Log()
            try await withThrowingTaskGroup { group in
                for _ in 0..<40 {
                    group.addTask {
                        let name: String? = try await database.write(.readCommitted) { transaction in
                            let row = try transaction.first("""
                                SELECT id, name FROM items WHERE amount = 0 ORDER BY id LIMIT 1
                                \(sql: transaction.dialect.takingUnlocked)
                                """)
                            guard let row else { return nil }
                            let id: Int64 = try row.get("id")
                            try transaction.execute("UPDATE items SET amount = 1 WHERE id = \(id)")
                            return try row.get("name")
                        }
                        if let name { taken.add(name) }
                    }
                }
                try await group.waitForAll()
            }
            #expect(taken.entries.count == 40 && Set(taken.entries).count == 40)
        }
    }
}
