import Core
import Synchronization
import TestSupport
import Testing

@testable import Database

@Suite struct `Commit queue` {
    @Test("bodies that throw in a shared commit take back only themselves")
    func throwingBodiesRollBackAlone() async throws {
        try await withSQLite(patient()) { database, _ in
            try await behindABlockedWrite(database, waiting: 20) { number in
                try await database.write { transaction in
                    try transaction.insert("body \(number)")
                    if number.isMultiple(of: 4) { throw Refused() }
                }
            }
            let expected = (0..<20).filter { !$0.isMultiple(of: 4) }.map { "body \($0)" }
            #expect(try await database.names().sorted() == (["blocker"] + expected).sorted())
        }
    }

    @Test("if the shared commit fails, every body runs again alone and gets its own answer")
    func lostCommitRunsAgain() async throws {
        try await withSQLite(patient()) { database, _ in
            let (runs, effects) = (Log(), Log())
            try await behindABlockedWrite(database, waiting: 10) { number in
                try await database.write { transaction in
                    runs.add("\(number)")
                    transaction.afterCommit { effects.add("\(number)") }
                    try transaction.insert("body \(number)")
                    // The foreign key is deferred: only the commit finds out.
                    if number == 7 { try transaction.execute("INSERT INTO parts (item) VALUES (4711)") }
                }
            }
            #expect(try await database.count() == 1 + 9)
            #expect(runs.entries.count == 20)
            #expect(Set(effects.entries).count == 9 && effects.entries.count == 9 && !effects.entries.contains("7"))
        }
    }

    @Test("a write too many is refused at once, those that wait are not harmed")
    func pressure() async throws {
        var configuration = SQLiteConfiguration()
        configuration.waitingLimit = 8
        try await withSQLite(configuration) { database, _ in
            try await behindABlockedWrite(database, waiting: 8) { number in
                try await database.write { try $0.insert("body \(number)") }
            } whileBlocked: {
                let error = await #expect(throws: DatabaseError.self) { try await database.write { try $0.insert("late") } }
                guard case .failed(code: "busy", _, _) = error else { return #expect(Bool(false)) }
            }
            #expect(try await database.count() == 1 + 8)
        }
    }

    @Test("a lock that another process keeps ends in busy, and writing goes on afterwards")
    func foreignLock() async throws {
        var configuration = SQLiteConfiguration()
        configuration.busyTimeout = .milliseconds(50)
        configuration.writeDeadline = .milliseconds(120)
        try await withSQLite(configuration) { database, path in
            let other = try await SQLiteDatabase.open(path, configuration: SQLiteConfiguration(role: .guest))
            let (locked, release) = (Gate(), Gate())
            async let holder: Void = other.write { transaction in
                try transaction.insert("other")
                locked.open()
                release.wait()
            }
            await locked.passed()
            let error = await #expect(throws: DatabaseError.self) { try await database.write { try $0.insert("mine") } }
            guard case .failed(code: "busy", _, _) = error else { return #expect(Bool(false)) }
            release.open()
            try await holder
            try await database.write { try $0.insert("mine") }
            #expect(try await database.names() == ["other", "mine"])
            try await other.close()
        }
    }

    /// A commit window that no test outlasts, so that all who wait share a commit.
    private func patient() -> SQLiteConfiguration {
        var configuration = SQLiteConfiguration()
        configuration.commitWindow = .seconds(60)
        return configuration
    }

    /// Starts writes that all have to wait behind one that is blocked, so that they share a commit; ignores `Refused` and
    /// constraint errors.
    private func behindABlockedWrite(
        _ database: SQLiteDatabase, waiting count: Int, _ write: @escaping @Sendable (Int) async throws -> Void,
        whileBlocked: () async -> Void = {}
    ) async throws {
        let (inside, release) = (Gate(), Gate())
        async let blocker: Void = database.write { transaction in
            try transaction.insert("blocker")
            inside.open()
            release.wait()
        }
        await inside.passed()
        try await withThrowingTaskGroup { group in
            for number in 0..<count {
                group.addTask {
                    do { try await write(number) } catch is Refused {} catch DatabaseError.constraint {}
                }
            }
            try await within { while database.commits.waitingCount < count { await Task.yield() } }
            await whileBlocked()
            release.open()
            try await group.waitForAll()
        }
        try await blocker
    }
}
