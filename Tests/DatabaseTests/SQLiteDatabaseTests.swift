import Core
import Foundation
import TestSupport
import Testing

@testable import Database

@Suite struct `SQLite database` {
    @Test("keeps the contract", arguments: DatabaseContract.all)
    func contract(_ clause: DatabaseContract.Clause) async throws {
        try await withSQLite { database, _ in try await clause.check(database) }
    }

    @Test("syncs every commit, in WAL mode, without mmap, with foreign keys", arguments: [
        ("synchronous", SQLValue.integer(2)), ("journal_mode", .text("wal")), ("mmap_size", .integer(0)),
        ("foreign_keys", .integer(1)), ("busy_timeout", .integer(5000)), ("wal_autocheckpoint", .integer(1000)),
    ])
    func settings(_ pragma: String, _ expected: SQLValue) async throws {
        try await withSQLite { database, _ in
            let row = try await database.write { try $0.first(SQL(stringLiteral: "PRAGMA \(pragma)")) }
            #expect(try row?.get(pragma == "busy_timeout" ? "timeout" : pragma) == expected)
        }
    }

    @Test("readers and guests do not checkpoint")
    func noAutomaticCheckpoint() async throws {
        try await withSQLite { database, path in
            let guest = try await SQLiteDatabase.open(path, configuration: SQLiteConfiguration(role: .guest))
            let pages: @Sendable (any Transaction) throws -> Int? = {
                try $0.first("PRAGMA wal_autocheckpoint")?.get("wal_autocheckpoint")
            }
            #expect(try await database.read(pages) == 0)
            #expect(try await guest.read(pages) == 0)
            #expect(try await guest.write(pages) == 0)
            try await guest.close()
        }
    }

    @Test("a guest leaves its rows in the WAL, also when it closes; the owner moves them")
    func guestLeavesCheckpointing() async throws {
        try await withSQLite { database, path in
            let before = try bytes(path)
            let guest = try await SQLiteDatabase.open(path, configuration: SQLiteConfiguration(role: .guest))
            for index in 0..<20 {
                _ = try await guest.write { transaction in
                    let bytes = [UInt8](repeating: 1, count: 500_000)
                    return try transaction.execute("INSERT INTO kinds (id, bytes) VALUES (\(index), \(bytes))")
                }
            }
            try await guest.close()
            #expect(try bytes(path) == before)
            #expect(try bytes(path + "-wal") > 10_000_000)
            try await database.write { try $0.insert("one more commit") }
            #expect(try bytes(path) > 10_000_000)
        }
    }

    @Test("a closed database is one private file with all that was committed, and takes no more")
    func reopening() async throws {
        try await withSQLite { database, path in
            try await database.write { try $0.insert("kept") }
            try await database.close()
            #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
            let again = try await SQLiteDatabase.open(path)
            #expect(try await again.names() == ["kept"])
            try await again.close()
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            await #expect(throws: DatabaseError.self) { try await database.count() }
            await #expect(throws: DatabaseError.self) { try await database.write { try $0.insert("late") } }
        }
    }

    @Test("a column holds only its declared type")
    func strictTables() async throws {
        try await withSQLite { database, _ in
            let error = await #expect(throws: DatabaseError.self) {
                try await database.write { try $0.execute("INSERT INTO kinds (whole) VALUES ('words')") }
            }
            guard case .constraint = error else { return #expect(Bool(false), "\(String(describing: error))") }
        }
    }

    @Test("an owner and a guest write side by side and nothing is lost")
    func twoProcesses() async throws {
        try await withSQLite { database, path in
            let guest = try await SQLiteDatabase.open(path, configuration: SQLiteConfiguration(role: .guest))
            try await withThrowingTaskGroup { group in
                for index in 0..<50 {
                    group.addTask { try await database.write { try $0.insert("owner \(index)") } }
                    group.addTask { try await guest.write { try $0.insert("guest \(index)") } }
                }
                try await group.waitForAll()
            }
            #expect(try await database.count() == 100)
            #expect(try await guest.count() == 100)
            try await guest.close()
        }
    }

    @Test("others' commits are noticed, one's own are not")
    func changesByOthers() async throws {
        try await withSQLite { database, path in
            let guest = try await SQLiteDatabase.open(path, configuration: SQLiteConfiguration(role: .guest))
            let stream = database.changesByOthers(every: .milliseconds(5))
            try await within {
                var changes = stream.makeAsyncIterator()
                #expect(await changes.next() != nil)
                try await database.write { try $0.insert("own") }
                let seen = Log()
                // The next element must be due to the guest's commit, which waits until own writes had their chance.
                async let noticed: Void? = {
                    let element: Void? = await changes.next()
                    seen.add("change")
                    return element
                }()
                for index in 0..<30 { try await database.write { try $0.insert("own \(index)") } }
                #expect(seen.entries == [])
                try await guest.write { try $0.insert("foreign") }
                #expect(await noticed != nil)
            }
            try await guest.close()
        }
    }

    @Test("a file that is no database is refused with an error")
    func notADatabase() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(repeating: 7, count: 4096).write(to: URL(fileURLWithPath: path))
        await #expect(throws: DatabaseError.self) { try await SQLiteDatabase.open(path) }
    }

    private func bytes(_ path: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? -1
    }
}
