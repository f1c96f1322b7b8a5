import Core
import TestSupport
import Testing

@testable import Database

/// When a read's transaction ends on the server: with its only statement, once that has been the only one before.
@Suite(.enabled(if: LocalPostgres.isInstalled)) struct `PostgreSQL reads` {
    private static let count: SQL = "SELECT COUNT(*) AS count, pg_backend_pid() AS process FROM items"

    @Test("the transaction ends with the only statement, from the second time on")
    func onlyStatement() async throws {
        try await withOneConnection { database, url in
            for expected in ["active", "idle", "idle"] {
                let state = try await database.read { transaction in
                    let process: Int = try #require(try transaction.first(Self.count)).get("process")
                    let state = Log()
                    wait { state.add(try await Self.state(of: process)) }
                    return state.entries
                }
                #expect(state == [expected])
            }
        }
    }

    @Test("a read that goes on where it ended before begins anew, and sees one snapshot", arguments: [true, false])
    func goingOn(_ swallowsErrors: Bool) async throws {
        try await withOneConnection { database, url in
            let runs = Log()
            let other = try await PostgresDatabase.open(url)
            @Sendable func counts(_ times: Int) async throws -> [Int?] {
                try await database.read { transaction in
                    runs.add("run")
                    return try (0..<times).map { number in
                        if number > 0 { wait { try await other.write { try $0.insert("item \(runs.entries.count)") } } }
                        if swallowsErrors { return try? transaction.first(Self.count)?.get("count") }
                        return try transaction.first(Self.count)?.get("count")
                    }
                }
            }
            #expect(try await counts(1) == [0])
            #expect(try await counts(1) == [0])
            #expect(runs.entries.count == 2)
            // The first attempt has written an item by then.
            #expect(try await counts(2) == [1, 1])
            #expect(runs.entries.count == 4)
            #expect(try await counts(2) == [2, 2])
            // Having gone on once, it is not expected to end any more.
            #expect(try await counts(1) == [3])
            #expect(try await counts(2) == [3, 3])
            #expect(runs.entries.count == 7)
            await other.close()
        }
    }

    @Test("a failure of the only statement leaves a connection that works, and its error is told")
    func failing() async throws {
        try await withOneConnection { database, _ in
            try await database.write { try $0.insert("item", amount: 1) }
            @Sendable func ratio() async throws -> Int? {
                try await database.read { try $0.first("SELECT 6 / amount AS ratio FROM items")?.get("ratio") }
            }
            let process = try await self.process(database)
            for _ in 0..<3 { #expect(try await ratio() == 6) }
            _ = try await database.write { try $0.execute("UPDATE items SET amount = 0") }
            for _ in 0..<3 {
                let error = await #expect(throws: DatabaseError.self) { _ = try await ratio() }
                #expect(error?.code == "22012")
            }
            for isRefused in [false, true, true] {
                let read: @Sendable (any Transaction) throws -> Void = { transaction in
                    _ = try transaction.query(Self.count)
                    if isRefused { throw Refused() }
                }
                if isRefused {
                    await #expect(throws: Refused.self) { try await database.read(read) }
                } else {
                    try await database.read(read)
                }
            }
            _ = try await database.write { try $0.execute("UPDATE items SET amount = 2") }
            #expect(try await ratio() == 3)
            #expect(try await self.process(database) == process)
        }
    }

    @Test("cancelling stops the only statement, too")
    func cancelling() async throws {
        try await withOneConnection { database, url in
            let sleep: @Sendable (Double) async throws -> Void = { time in
                _ = try await database.read { try $0.query("SELECT pg_sleep(\(time))") }
            }
            for _ in 0..<2 { try await sleep(0) }
            let caller = Task { try await sleep(60) }
            try await eventually("it to sleep") {
                let server = try await LocalPostgres.shared.value
                let found = try await server.run("""
                    SELECT COUNT(*) FROM pg_stat_activity
                    WHERE datname = '\(databaseName(url))' AND state = 'active' AND wait_event = 'PgSleep'
                    """)
                return found.hasPrefix("1") ? () : nil
            }
            caller.cancel()
            try await within { _ = await #expect(throws: CancellationError.self) { try await caller.value } }
            #expect(try await within { try await database.count() } == 0)
        }
    }

    @Test("a lock is held to the end of the body")
    func lock() async throws {
        try await withOneConnection { database, _ in
            for isLocked in [false, false, true, true] {
                let locks = try await database.read { transaction in
                    if isLocked { try transaction.lock("items") }
                    let process: Int = try #require(try transaction.first(Self.count)).get("process")
                    let locks = Log()
                    wait {
                        let server = try await LocalPostgres.shared.value
                        let count = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = \(process)"
                        locks.add(try await server.run(count).first.map(String.init) ?? "")
                    }
                    return locks.entries
                }
                #expect(locks == [isLocked ? "1" : "0"])
            }
        }
    }

    @Test("long text that repeats from row to row comes back whole in each")
    func repeatedText() async throws {
        let long = "a text that is too long to be held inline"
        let words = [
            long, long, nil, long, long + "!", "", "short", "short", String(long.dropLast()) + "X", "Grüße an alle, die da sind",
            "Grüße an alle, die da sind", long,
        ]
        try await withOneConnection { database, _ in
            try await database.write { transaction in
                for words in words { try transaction.execute("INSERT INTO kinds (words) VALUES (\(words))") }
            }
            let rows = try await database.read { try $0.query("SELECT words, words AS again, id FROM kinds ORDER BY id") }
            #expect(try rows.map { try $0.optional("words", as: String.self) } == words)
            #expect(try rows.map { try $0.optional("again", as: String.self) } == words)
        }
    }

    @Test("values are the same whichever encoding the rows come in", arguments: [
        "SELECT \(Int64.min) AS value", "SELECT \(Int64.max) AS value", "SELECT CAST(\(-7) AS SMALLINT) AS value",
        "SELECT CAST(\(2_000_000_000) AS INTEGER) AS value", "SELECT CAST(4000000000 AS OID) AS value", "SELECT 0 AS value",
        "SELECT \("Grüße") AS value", "SELECT \("") AS value", "SELECT CAST(NULL AS BIGINT) AS value", "SELECT NULL AS value",
        "SELECT \(0.1) AS value", "SELECT 1 = 1 AS value", "SELECT \([UInt8]([0, 255])) AS value", "SELECT 12.5 AS value",
    ] as [SQL])
    func encodings(_ statement: SQL) async throws {
        let plain: SQL = "SELECT value, 'a' AS word, 1 AS number FROM (\(sql: statement)) AS inner_one"
        // Beside a real number all columns are binary, always.
        let mixed: SQL = "SELECT value, CAST(1 AS DOUBLE PRECISION) AS number FROM (\(sql: statement)) AS inner_one"
        try await withOneConnection { database, _ in
            let expected: SQLValue? = try await database.read { try $0.first(mixed)?.get("value") }
            for _ in 0..<3 {
                let value: SQLValue? = try await database.read { try $0.first(plain)?.get("value") }
                #expect(value == expected)
            }
        }
    }

    // MARK: Tools

    private func withOneConnection(
        _ body: (_ database: PostgresDatabase, _ url: String) async throws -> Void
    ) async throws {
        var configuration = PostgresConfiguration()
        // What a read repeats for its snapshot is no retry.
        (configuration.connections, configuration.retries) = (1, 0)
        try await withPostgres(configuration, body)
    }

    private func process(_ database: PostgresDatabase) async throws -> Int? {
        try await database.read { try $0.first("SELECT pg_backend_pid() AS process")?.get("process") }
    }

    /// What the server says a session is doing.
    private static func state(of process: Int) async throws -> String {
        let server = try await LocalPostgres.shared.value
        let state = try await server.run("SELECT state FROM pg_stat_activity WHERE pid = \(process)")
        return state.filter { !$0.isWhitespace }
    }
}
