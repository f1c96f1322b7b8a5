import Core
import Database
import Synchronization
import Testing

/// What every database behind `Core.Database` has to do; each driver's suite runs all of `all` on the schema `testSchema`.
enum DatabaseContract {
    struct Clause: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let check: @Sendable (any Core.Database) async throws -> Void

        init(_ sentence: String, _ check: @escaping @Sendable (any Core.Database) async throws -> Void) {
            self.testDescription = sentence
            self.check = check
        }
    }

    static let all = [
        Clause("a write is seen by the next read", writeIsSeen),
        Clause("a throwing body leaves nothing and its error comes out", throwingBodyLeavesNothing),
        Clause("100 parallel writers are all there exactly once", parallelWriters),
        Clause("effects run after the commit, in order, and not after a roll-back", effects),
        Clause("values come back as they were bound", values),
        Clause("text with a NUL character is refused, not cut", nul),
        Clause("constraints have typed errors that hold no values", constraints),
        Clause("execute counts the rows it changed", changedRows),
        Clause("a statement can insert and return", returning),
        Clause("a transaction refuses to work after its body", endedTransaction),
        Clause("a read cannot write", readOnly),
        Clause("a read is one snapshot", snapshot),
        Clause("a failed statement ends the transaction, whatever the body makes of it", failedStatement),
        Clause("parallel writers that decide by what they read do not pass each other", writeSkew),
        Clause("what is numbered under a lock is seen in the order of its numbers", numbering),
        Clause("every kind of value and NULL goes through the same statement", kinds),
        Clause("sums, counts, truth values and empty lists read as everywhere", expressions),
        Clause("text is ordered byte by byte", ordering),
        Clause("a cancelled caller's write takes place whole", cancelledCaller),
    ]

    private static func writeIsSeen(_ database: any Core.Database) async throws {
        let changed = try await database.write { try $0.execute("INSERT INTO items (name) VALUES ('a')") }
        #expect(changed == 1)
        #expect(try await database.names() == ["a"])
    }

    private static func throwingBodyLeavesNothing(_ database: any Core.Database) async throws {
        await #expect(throws: Refused()) {
            try await database.write { transaction in
                try transaction.insert("lost")
                throw Refused()
            }
        }
        #expect(try await database.names() == [])
    }

    private static func parallelWriters(_ database: any Core.Database) async throws {
        await withThrowingTaskGroup { group in
            for number in 0..<100 {
                group.addTask {
                    try await database.write { transaction in
                        try transaction.insert("writer \(number)")
                        if number % 10 == 3 { throw Refused() }
                    }
                }
            }
            while let result = await group.nextResult() {
                if case .failure(let error) = result { #expect(error is Refused) }
            }
        }
        let expected = (0..<100).filter { $0 % 10 != 3 }.map { "writer \($0)" }
        #expect(try await database.names().sorted() == expected.sorted())
    }

    private static func effects(_ database: any Core.Database) async throws {
        let log = Log()
        try await database.write { transaction in
            transaction.afterCommit { log.add("first") }
            try transaction.insert("a")
            transaction.afterCommit { log.add("second") }
        }
        try? await database.write { transaction -> Void in
            transaction.afterCommit { log.add("never") }
            throw Refused()
        }
        #expect(log.entries == ["first", "second"])
    }

    private static func values(_ database: any Core.Database) async throws {
        let words = "Grüße 🎞 '; DROP TABLE kinds; --"
        let row = try await database.write { transaction in
            try transaction.execute("""
                INSERT INTO kinds (whole, part, words, bytes) VALUES (\(Int64.min), \(0.1), \(words), \([0, 255] as [UInt8]))
                """)
            return try transaction.first("SELECT whole, part, words, bytes, NULL AS missing FROM kinds")
        }
        let found = try #require(row)
        #expect(try found.get("whole", as: Int64.self) == .min)
        #expect(try found.get("part", as: Double.self) == 0.1)
        #expect(try found.get("words", as: String.self) == words)
        #expect(try found.get("bytes", as: [UInt8].self) == [0, 255])
        #expect(try found.optional("missing", as: String.self) == nil)
        #expect(throws: DatabaseError.unexpectedColumn("missing")) { try found.get("missing", as: String.self) }
    }

    private static func nul(_ database: any Core.Database) async throws {
        await #expect(throws: DatabaseError.self) { try await database.write { try $0.insert("cut\0off") } }
        #expect(try await database.count() == 0)
    }

    private static func constraints(_ database: any Core.Database) async throws {
        try await database.write { try $0.insert("secret") }
        let duplicate = await #expect(throws: DatabaseError.self) { try await database.write { try $0.insert("secret") } }
        guard case .duplicate(let text) = duplicate else { return #expect(Bool(false), "\(String(describing: duplicate))") }
        #expect(text.contains("name") && !text.contains("secret"))
        let check = await #expect(throws: DatabaseError.self) {
            try await database.write { try $0.insert("b", amount: -4711) }
        }
        guard case .constraint(let rule) = check else { return #expect(Bool(false), "\(String(describing: check))") }
        #expect(!rule.contains("4711"))
        let foreign = await #expect(throws: DatabaseError.self) {
            try await database.write { try $0.execute("INSERT INTO parts (item) VALUES (99)") }
        }
        guard case .constraint = foreign else { return #expect(Bool(false), "\(String(describing: foreign))") }
        let syntax = await #expect(throws: DatabaseError.self) { try await database.read { try $0.query("SELEC 1") } }
        guard case .failed(_, _, "SELEC 1") = syntax else { return #expect(Bool(false), "\(String(describing: syntax))") }
    }

    private static func changedRows(_ database: any Core.Database) async throws {
        let counts = try await database.write { transaction in
            [
                try transaction.execute("INSERT INTO items (name) VALUES ('a'), ('b'), ('c')"),
                try transaction.execute("INSERT INTO items (name) VALUES ('a') ON CONFLICT (name) DO NOTHING"),
                try transaction.execute("UPDATE items SET amount = 1 WHERE name IN \(list: ["a", "b", "z"])"),
                try transaction.execute("CREATE INDEX items_amount ON items (amount)"),
                try transaction.execute("DELETE FROM items WHERE name = 'nobody'"),
            ]
        }
        #expect(counts == [3, 0, 2, 0, 0])
    }

    private static func returning(_ database: any Core.Database) async throws {
        let names = try await database.write { transaction in
            _ = try transaction.query("INSERT INTO items (name) VALUES ('quiet')")
            return try transaction.query("INSERT INTO items (name) VALUES ('a'), ('b') RETURNING name")
                .map { try $0.get("name", as: String.self) }
        }
        #expect(names.sorted() == ["a", "b"])
        #expect(try await database.count() == 3)
    }

    private static func endedTransaction(_ database: any Core.Database) async throws {
        try await database.write { transaction in try transaction.insert("a") }
        // A transaction is not Sendable, so only an unsafe escape gets it out; it must answer with an error even so.
        nonisolated(unsafe) var escaped: (any Transaction)?
        try await database.write { escaped = $0 }
        #expect(throws: DatabaseError.self) { try escaped?.query("SELECT 1") }
        #expect(throws: DatabaseError.self) { try escaped?.insert("late") }
        #expect(try await database.names() == ["a"])
    }

    private static func readOnly(_ database: any Core.Database) async throws {
        await #expect(throws: DatabaseError.self) { try await database.read { try $0.insert("a") } }
        #expect(try await database.count() == 0)
    }

    private static func snapshot(_ database: any Core.Database) async throws {
        let (asked, written) = (Gate(), Gate())
        async let counts = database.read { transaction in
            let before = try transaction.query("SELECT name FROM items").count
            asked.open()
            written.wait()
            return [before, try transaction.query("SELECT name FROM items").count]
        }
        await asked.passed()
        try await database.write { try $0.insert("a") }
        written.open()
        #expect(try await counts == [0, 0])
        #expect(try await database.count() == 1)
    }

    private static func failedStatement(_ database: any Core.Database) async throws {
        try await database.write { try $0.insert("a") }
        let error = await #expect(throws: DatabaseError.self) {
            try await database.write { transaction in
                try transaction.insert("b")
                do { try transaction.insert("a") } catch DatabaseError.duplicate {}
                #expect(throws: DatabaseError.self) { try transaction.insert("c") }
                #expect(throws: DatabaseError.self) { try transaction.query("SELECT 1 AS one") }
            }
        }
        guard case .duplicate = error else { return #expect(Bool(false), "\(String(describing: error))") }
        #expect(try await database.names() == ["a"])
    }

    private static func writeSkew(_ database: any Core.Database) async throws {
        // Each adds a row unless there are five; at no time may there be six.
        try await withThrowingTaskGroup { group in
            for number in 0..<40 {
                group.addTask {
                    try await database.write { transaction in
                        let count: Int = try transaction.first("SELECT COUNT(*) AS count FROM items")?.get("count") ?? 0
                        if count < 5 { try transaction.insert("item \(number)") }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await database.count() == 5)
    }

    private static func numbering(_ database: any Core.Database) async throws {
        let written = Log()
        try await withThrowingTaskGroup { group in
            for number in 0..<60 {
                group.addTask {
                    try await database.write { transaction in
                        transaction.afterCommit { written.add("\(number)") }
                        try transaction.lock("items")
                        try transaction.insert("item \(number)")
                    }
                }
            }
            // Whoever has seen a number never finds a smaller new one, so one who goes by numbers sees all.
            var seen: [Int] = []
            var isOver = false
            while !isOver {
                isOver = written.entries.count == 60
                let last = seen.last ?? 0
                seen += try await database.read { transaction in
                    try transaction.query("SELECT id FROM items WHERE id > \(last) ORDER BY id").map { try $0.get("id") }
                }
            }
            try await group.waitForAll()
            #expect(seen.count == 60)
        }
    }

    private static func kinds(_ database: any Core.Database) async throws {
        struct Kind: Sendable { let whole: Int64?; let part: Double?; let words: String?; let bytes: [UInt8]? }
        let kinds = [
            Kind(whole: nil, part: nil, words: nil, bytes: nil), Kind(whole: .max, part: -0.5, words: "", bytes: []),
            Kind(whole: -1, part: nil, words: "ü", bytes: nil), Kind(whole: nil, part: 1e300, words: nil, bytes: [0]),
            Kind(whole: 0, part: 3, words: "'\"\\%", bytes: [UInt8](0...255)),
        ]
        for (index, kind) in kinds.enumerated() {
            _ = try await database.write { transaction in
                try transaction.execute("""
                    INSERT INTO kinds (id, whole, part, words, bytes)
                    VALUES (\(index), \(kind.whole), \(kind.part), \(kind.words), \(kind.bytes))
                    """)
            }
        }
        let rows = try await database.read { try $0.query("SELECT * FROM kinds ORDER BY id") }
        for (row, kind) in zip(rows, kinds) {
            #expect(try row.optional("whole") == kind.whole)
            #expect(try row.optional("part") == kind.part)
            #expect(try row.optional("words") == kind.words)
            #expect(try row.optional("bytes") == kind.bytes)
        }
        #expect(rows.count == kinds.count)
    }

    private static func expressions(_ database: any Core.Database) async throws {
        let row = try await database.write { transaction in
            try transaction.execute("INSERT INTO items (name, amount) VALUES ('a', 2), ('b', 3), ('c', 1)")
            return try transaction.first("""
                SELECT COUNT(*) AS many, SUM(amount) AS total, AVG(amount) AS mean, MAX(amount) AS most, AVG(amount + 0.5) AS half,
                    EXISTS (SELECT 1 FROM items WHERE name = 'a') AS found, MIN(amount) > 1 AS truth, SUM(-amount) AS debt,
                    \(7) + MAX(amount) AS sum, CASE WHEN MAX(amount) = \(3) THEN \("three") ELSE 'else' END AS word
                FROM items WHERE name NOT IN ('x') AND id NOT IN (SELECT id FROM items WHERE name IN \(list: [String]()))
                """)
        }
        let found = try #require(row)
        #expect(try found.get("many", as: Int.self) == 3)
        #expect(try found.get("total", as: Int.self) == 6)
        #expect(try found.get("mean", as: Double.self) == 2)
        #expect(try found.get("most", as: Int.self) == 3)
        #expect(try found.get("half", as: Double.self) == 2.5)
        #expect(try found.get("found", as: Bool.self) == true)
        #expect(try found.get("truth", as: Bool.self) == false)
        #expect(try found.get("debt", as: Int.self) == -6)
        #expect(try found.get("sum", as: Int.self) == 10)
        #expect(try found.get("word", as: String.self) == "three")
    }

    private static func ordering(_ database: any Core.Database) async throws {
        let names = ["Z", "a", "B", "é", "_", "1"]
        try await database.write { transaction in for name in names { try transaction.insert(name) } }
        let ordered = try await database.read {
            try $0.query("SELECT name FROM items WHERE name > '0' ORDER BY name").map { try $0.get("name", as: String.self) }
        }
        #expect(ordered == ["1", "B", "Z", "_", "a", "é"])
    }

    private static func cancelledCaller(_ database: any Core.Database) async throws {
        let inside = Gate()
        let go = Gate()
        let caller = Task {
            try await database.write { transaction in
                try transaction.insert("first half")
                inside.open()
                go.wait()
                try transaction.insert("second half")
            }
        }
        await inside.passed()
        caller.cancel()
        go.open()
        try await caller.value
        #expect(try await database.names() == ["first half", "second half"])
    }
}

/// Notes what happened, from any thread.
final class Log: Sendable {
    private let noted = Mutex<[String]>([])
    var entries: [String] { noted.withLock { $0 } }
    func add(_ entry: String) { noted.withLock { $0.append(entry) } }
}
