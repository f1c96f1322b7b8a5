import Core
import TestSupport
import Testing

@testable import Database

@Suite(.enabled(if: LocalPostgres.isInstalled)) struct `Changes by others on PostgreSQL` {
    @Test("a commit that notifies a channel wakes those of other nodes who follow it, and nobody else")
    func notification() async throws {
        try await withTwoNodes { node, other in
            let (wakes, elsewhere) = (Log(), Log())
            try await following(node, "jobs", wakes) {
                try await following(node, "outbox", elsewhere) {
                    try await quiet(wakes, elsewhere)
                    try await node.write { $0.notify("jobs"); try $0.insert("own") }
                    try? await other.write { transaction -> Void in
                        transaction.notify("jobs")
                        try transaction.insert("rolled back")
                        throw Refused()
                    }
                    try await other.write { $0.notify("nothing"); try $0.insert("other") }
                    let (before, beforeElsewhere) = (wakes.entries.count, elsewhere.entries.count)
                    try await other.write { $0.notify("jobs"); try $0.insert("other's") }
                    try await eventually("a wake-up", within: .seconds(5), every: .milliseconds(5)) {
                        wakes.entries.count > before ? () : nil
                    }
                    // Notifications come in order: had the earlier ones meant us, we would know by now.
                    #expect(wakes.entries.count == before + 1)
                    #expect(elsewhere.entries.count == beforeElsewhere)
                }
            }
        }
    }

    @Test("without any notification there is a wake-up from time to time")
    func poll() async throws {
        var configuration = PostgresConfiguration()
        configuration.changePoll = .milliseconds(30)
        try await withPostgres(configuration) { database, _ in
            let wakes = Log()
            try await following(database, "jobs", wakes) {
                try await eventually("wake-ups") { wakes.entries.count > 5 ? () : nil }
            }
        }
    }

    @Test("while the server is away polls go on; when it is back, changes are heard again")
    func restart() async throws {
        let server = try await LocalPostgres()
        var configuration = PostgresConfiguration()
        configuration.changePoll = .seconds(3600)
        let url = try await server.freshDatabase()
        let node = try await PostgresDatabase.open(url, configuration: configuration)
        let wakes = Log()
        try await following(node, "jobs", wakes) {
            try await quiet(wakes)
            let before = wakes.entries.count
            try await server.restart()
            try await eventually("a wake-up for what may have been missed") { wakes.entries.count > before ? () : nil }
            try await quiet(wakes)
            let after = wakes.entries.count
            let other = try await PostgresDatabase.open(url)
            try await other.write { $0.notify("jobs") }
            try await eventually("a wake-up") { wakes.entries.count > after ? () : nil }
            await other.close()
        }
        await node.close()
        try await server.stop()
    }

    @Test("a channel's name cannot leave its quotes")
    func names() async throws {
        try await withTwoNodes { node, other in
            let wakes = Log()
            try await following(node, "a\"; DROP TABLE items; --", wakes) {
                try await quiet(wakes)
                let before = wakes.entries.count
                try await other.write { $0.notify("a\"; DROP TABLE items; --") }
                try await eventually("a wake-up") { wakes.entries.count > before ? () : nil }
            }
            #expect(try await node.count() == 0)
        }
    }

    @Test("the board wakes those whom something concerns, and restarts their clocks")
    func board() {
        let start = ContinuousClock.now
        var board = ChangeBoard(poll: .seconds(10))
        #expect(board.nextPoll == nil)
        let jobs = board.follow("jobs", now: start)
        let outbox = board.follow("outbox", now: start + .seconds(1))
        #expect(board.channels == ["jobs", "outbox"] && board.nextPoll == start + .seconds(10))
        #expect(board.heard("jobs", now: start + .seconds(5)) == [jobs])
        #expect(board.heard("nothing", now: start + .seconds(5)) == [])
        #expect(board.nextPoll == start + .seconds(11))
        #expect(board.due(now: start + .seconds(11)) == [outbox])
        #expect(board.missed(now: start + .seconds(12)).sorted() == [jobs, outbox])
        board.notify(["a", "b"])
        board.notify(["b"])
        #expect(board.takeOutgoing() == ["a", "b"])
        #expect(board.takeOutgoing() == [])
        board.leave(jobs)
        board.leave(outbox)
        #expect(board.channels == [] && board.nextPoll == nil)
    }

    // MARK: Tools

    private func withTwoNodes(_ body: (PostgresDatabase, PostgresDatabase) async throws -> Void) async throws {
        var configuration = PostgresConfiguration()
        configuration.changePoll = .seconds(3600)
        try await withPostgres(configuration) { node, url in
            let other = try await PostgresDatabase.open(url, configuration: configuration)
            try await body(node, other)
            await other.close()
        }
    }

    /// Notes every wake-up in a log while the body runs.
    private func following(
        _ database: PostgresDatabase, _ channel: String, _ log: Log, _ body: () async throws -> Void
    ) async throws {
        let changes = database.changesByOthers(in: channel)
        let follower = Task { for await _ in changes { log.add("wake-up") } }
        do { try await body() } catch {
            follower.cancel()
            throw error
        }
        follower.cancel()
        try await within { await follower.value }
    }

    /// Waits until nobody has been woken for a while: listening has begun.
    private func quiet(_ logs: Log...) async throws {
        var counts: [Int] = []
        try await eventually("quiet", every: .milliseconds(250)) {
            defer { counts = logs.map(\.entries.count) }
            return counts == logs.map(\.entries.count) && !counts.contains(0) ? () : nil
        }
    }
}
