import Core
import Foundation
import TestSupport
import Testing

@testable import Database

@Suite(.enabled(if: LocalPostgres.isInstalled)) struct `PostgreSQL connections` {
    @Test("who waits for too long is told that all are busy, and nobody is harmed")
    func acquireTimeout() async throws {
        var configuration = PostgresConfiguration()
        (configuration.connections, configuration.acquireTimeout) = (1, .milliseconds(200))
        try await withPostgres(configuration) { database, _ in
            try await blocking(database) {
                let error = await #expect(throws: DatabaseError.self) { try await database.count() }
                #expect(error == .busy && error?.isTransient == true)
            }
            #expect(try await database.names() == ["blocker"])
        }
    }

    @Test("one too many who waits is refused at once")
    func waitingLimit() async throws {
        var configuration = PostgresConfiguration()
        (configuration.connections, configuration.waitingLimit) = (1, 2)
        try await withPostgres(configuration) { database, _ in
            try await withThrowingTaskGroup { group in
                try await blocking(database) {
                    for number in 0..<2 { group.addTask { try await database.write { try $0.insert("patient \(number)") } } }
                    try await eventually("two to wait", every: .milliseconds(2)) { database.usage.waiting == 2 ? () : nil }
                    await #expect(throws: DatabaseError.busy) { try await database.count() }
                }
                try await group.waitForAll()
            }
            #expect(try await database.count() == 3)
        }
    }

    @Test("cancelling the caller ends a long statement", arguments: [true, false])
    func cancellation(_ isRead: Bool) async throws {
        var configuration = PostgresConfiguration()
        (configuration.connections, configuration.cancellationGrace) = (1, .milliseconds(100))
        try await withPostgres(configuration) { database, url in
            let caller = Task {
                let sleep: @Sendable (any Transaction) throws -> Void = { transaction in
                    if !isRead { try transaction.insert("never") }
                    _ = try transaction.query("SELECT pg_sleep(60)")
                }
                if isRead { try await database.read(sleep) } else { try await database.write(sleep) }
            }
            try await sleeping(1, in: url)
            caller.cancel()
            try await within { _ = await #expect(throws: CancellationError.self) { try await caller.value } }
            try await sleeping(0, in: url)
            #expect(try await within { try await database.count() } == 0)
        }
    }

    @Test("a read that is cancelled while it waits gives up its place")
    func cancelledWaiting() async throws {
        var configuration = PostgresConfiguration()
        configuration.connections = 1
        try await withPostgres(configuration) { database, _ in
            try await blocking(database) {
                let caller = Task { try await database.count() }
                try await eventually("it to wait", every: .milliseconds(2)) { database.usage.waiting == 1 ? () : nil }
                caller.cancel()
                await #expect(throws: CancellationError.self) { try await caller.value }
                #expect(database.usage.waiting == 0)
            }
        }
    }

    @Test("who was cancelled before can still clean up")
    func cleaningUp() async throws {
        var configuration = PostgresConfiguration()
        configuration.cancellationGrace = .zero
        try await withPostgres(configuration) { database, _ in
            let cleaner = Task {
                while !Task.isCancelled { await Task.yield() }
                try await database.write { try $0.insert("cleaned") }
                return try await database.names()
            }
            cleaner.cancel()
            let names = try await cleaner.value
            #expect(names == ["cleaned"])
        }
    }

    @Test("a free connection that the server has closed is replaced without a word")
    func closedWhileFree() async throws {
        try await withPostgres { database, url in
            for _ in 0..<5 {
                try await terminate(url)
                #expect(try await database.count() == 0)
            }
        }
    }

    @Test("connections that worked a moment ago and that the server has all closed are replaced without a word", arguments: [1, 4, 8])
    func allClosedWhileFree(_ callers: Int) async throws {
        var configuration = PostgresConfiguration()
        configuration.connections = 8
        try await withPostgres(configuration) { database, url in
            for round in 0..<3 {
                try await allBusy(8, database)
                #expect(database.usage == (0, 8, 0))
                try await terminate(url)
                try await withThrowingTaskGroup { group in
                    for number in 0..<callers {
                        group.addTask {
                            _ = try await database.count()
                            try await database.write { try $0.insert("\(round).\(number)") }
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await database.count() == (round + 1) * callers)
            }
            try await allBusy(8, database)
        }
    }

    @Test("a transaction whose connection is lost before the commit runs again on another one, once")
    func lostInBetween() async throws {
        try await withPostgres { database, url in
            let runs = Log()
            try await database.write { transaction in
                try transaction.insert("row")
                runs.add("run")
                if runs.entries.count == 1 { wait { try await terminate(url) } }
                try transaction.execute("UPDATE items SET amount = 1")
            }
            #expect(runs.entries.count == 2)
            let error = await #expect(throws: DatabaseError.self) {
                try await database.write { transaction in
                    try transaction.insert("other")
                    wait { try await terminate(url) }
                    try transaction.execute("UPDATE items SET amount = 2")
                }
            }
            #expect(error?.code == "unavailable" && error?.isTransient == true)
            #expect(try await database.names() == ["row"])
        }
    }

    @Test("the server ends the transaction of a node that says nothing more, and gives its locks back")
    func stalledNode() async throws {
        var configuration = PostgresConfiguration()
        configuration.stallTimeout = .milliseconds(150)
        try await withPostgres(configuration) { database, _ in
            let (holds, goesOn, runs) = (Gate(), Gate(), Log())
            async let stalled: Void = database.write { transaction in
                runs.add("run")
                try transaction.lock("items")
                try transaction.insert("stalled \(runs.entries.count)")
                holds.open()
                goesOn.wait()
                try transaction.insert("went on")
            }
            await holds.passed()
            try await within(.seconds(5)) {
                try await database.write { transaction in
                    try transaction.lock("items")
                    try transaction.insert("other")
                }
            }
            goesOn.open()
            try await stalled
            #expect(try await database.names().sorted() == ["other", "stalled 2", "went on"])
        }
    }

    @Test("a server that goes away under load is told as unavailable, and afterwards all is as before", arguments: [false, true])
    func restartUnderLoad(_ isKilled: Bool) async throws {
        let server = try await LocalPostgres()
        let database = try await PostgresDatabase.open(try await server.freshDatabase())
        try await Migrator.migrate(database, [testSchema])
        let (acknowledged, refused) = (Log(), Log())
        let load = (0..<24).map { worker in
            Task {
                var number = 0
                while !Task.isCancelled {
                    number += 1
                    do {
                        let name = "\(worker).\(number)"
                        try await database.write { try $0.insert(name) }
                        acknowledged.add(name)
                    } catch {
                        refused.add((error as? DatabaseError)?.isTransient == true ? "unavailable" : "\(error)")
                        try? await Task.sleep(for: .milliseconds(5))
                    }
                }
            }
        }
        try await eventually("some writes") { acknowledged.entries.count > 200 ? () : nil }
        if isKilled { try await server.kill9() } else { try await server.stop() }
        try await eventually("refusals") { refused.entries.count > 50 ? () : nil }
        let before = acknowledged.entries.count
        try await server.start()
        try await eventually("writes again") { acknowledged.entries.count > before + 200 ? () : nil }
        for task in load {
            task.cancel()
            await task.value
        }
        #expect(Set(refused.entries) == ["unavailable"])
        let kept = Set(try await database.names())
        #expect(kept.isSuperset(of: acknowledged.entries))
        // All connections can be had at once.
        try await withThrowingTaskGroup { group in
            for _ in 0..<10 { group.addTask { _ = try await database.read { try $0.query("SELECT pg_sleep(0.1)") } } }
            try await group.waitForAll()
        }
        #expect(database.usage.waiting == 0)
        await database.close()
        try await server.stop()
    }

    @Test("a server that answers no more costs callers a bounded time")
    func frozenServer() async throws {
        let server = try await LocalPostgres()
        var configuration = PostgresConfiguration()
        (configuration.statementTimeout, configuration.connectTimeout) = (.milliseconds(200), .seconds(2))
        let database = try await PostgresDatabase.open(try await server.freshDatabase(), configuration: configuration)
        let one: @Sendable (any Transaction) throws -> Int? = { try $0.first("SELECT 1 AS one")?.get("one") }
        #expect(try await database.read(one) == 1)
        server.freeze(true)
        let error = await #expect(throws: DatabaseError.self) { try await within(.seconds(20)) { try await database.read(one) } }
        #expect(error?.isTransient == true)
        server.freeze(false)
        #expect(try await eventually("the server to be back") { try? await database.read(one) } == 1)
        await database.close()
        try await server.stop()
    }

    @Test("connections that nobody needs are closed, and old ones replaced")
    func upkeep() async throws {
        var configuration = PostgresConfiguration()
        configuration.idleTimeout = .milliseconds(150)
        try await withPostgres(configuration) { database, _ in
            #expect(try await database.count() == 0)
            try await eventually("no connection") { database.usage == (0, 0, 0) ? () : nil }
            #expect(try await database.count() == 0)
        }
        (configuration.idleTimeout, configuration.maxLifetime) = (nil, .milliseconds(50))
        try await withPostgres(configuration) { database, _ in
            let process: @Sendable (any Transaction) throws -> Int? = { try $0.first("SELECT pg_backend_pid() AS pid")?.get("pid") }
            let first = try await database.read(process)
            try await eventually("another process") { try await database.read(process) != first ? () : nil }
        }
    }

    @Test("closing waits for what was accepted, and refuses what comes later")
    func closing() async throws {
        let url = try await LocalPostgres.shared.value.freshDatabase()
        var configuration = PostgresConfiguration()
        configuration.connections = 1
        let database = try await PostgresDatabase.open(url, configuration: configuration)
        try await Migrator.migrate(database, [testSchema])
        let changes = database.changesByOthers(in: "test")
        let waiting = Log()
        try await withThrowingTaskGroup { group in
            try await blocking(database) {
                for number in 0..<3 { group.addTask { try await database.write { try $0.insert("waiting \(number)") } } }
                try await eventually("three to wait", every: .milliseconds(2)) { database.usage.waiting == 3 ? () : nil }
                group.addTask {
                    await database.close()
                    waiting.add("closed")
                }
                #expect(try await eventually("refusal") { await refusal(database) } == "closed")
                #expect(waiting.entries == [])
            }
            try await group.waitForAll()
        }
        await database.close()
        try await within { for await _ in changes {} }
        #expect(await refusal(database) == "closed")
        let again = try await PostgresDatabase.open(url)
        #expect(try await again.count() == 4)
        await again.close()
    }

    private func refusal(_ database: PostgresDatabase) async -> String? {
        if database.pool.isClosing { await code { try await database.count() } } else { nil }
    }

    private func code(_ body: () async throws -> Int) async -> String? {
        do {
            _ = try await body()
            return nil
        } catch { return (error as? DatabaseError)?.code }
    }

    // MARK: Tools

    /// Has all connections work at once.
    private func allBusy(_ count: Int, _ database: PostgresDatabase) async throws {
        let (inside, release) = (Log(), Gate())
        try await withThrowingTaskGroup { group in
            for _ in 0..<count {
                group.addTask {
                    try await database.read { transaction in
                        _ = try transaction.query("SELECT 1 AS one")
                        inside.add("read")
                        release.wait()
                    }
                }
            }
            try await eventually("all to be busy", every: .milliseconds(2)) { inside.entries.count >= count ? () : nil }
            release.open()
            try await group.waitForAll()
        }
        try await eventually("all to be free", every: .milliseconds(2)) { database.usage.free == count ? () : nil }
    }

    /// Occupies a connection while `body` runs.
    private func blocking(_ database: PostgresDatabase, _ body: () async throws -> Void) async throws {
        let (inside, release) = (Gate(), Gate())
        async let blocker: Void = database.write { transaction in
            try transaction.insert("blocker")
            inside.open()
            release.wait()
        }
        await inside.passed()
        do { try await body() } catch {
            release.open()
            throw error
        }
        release.open()
        try await blocker
    }

    /// Waits until so many sessions sleep.
    private func sleeping(_ count: Int, in url: String) async throws {
        let server = try await LocalPostgres.shared.value
        try await eventually("\(count) to sleep") {
            let found = try await server.run("""
                SELECT COUNT(*) FROM pg_stat_activity
                WHERE datname = '\(databaseName(url))' AND state = 'active' AND query LIKE '%pg_sleep%'
                """)
            return found.hasPrefix("\(count)") ? () : nil
        }
    }
}
