import Core
import Database
import TestSupport
import Testing

@testable import Broker

@Suite struct `Outbox relay` {
    @Test("publishes what was committed before it started, in order, over many batches", arguments: [
        OutboxNumbering.onAppend, .byRelay,
    ])
    func backlog(_ numbering: OutboxNumbering) async throws {
        try await House.with(numbering: numbering) { house in
            for start in stride(from: 0, to: 1000, by: 100) {
                try await house.database.write { [outbox = house.outbox] transaction in
                    for number in start..<start + 100 { try outbox.publish(event(number), in: transaction) }
                }
            }
            try await house.relaying {
                try await house.receiver.received(1000)
                #expect(house.receiver.durable.map(\.event) == (0..<1000).map { event($0) })
            }
        }
    }

    @Test("after a clean stop nothing comes twice and nothing is missing")
    func restart() async throws {
        try await House.with { house in
            try await house.relaying {
                try await house.publish(event(1), event(2))
                try await house.receiver.received(2)
            }
            try await house.publish(event(3), event(4))
            try await house.relaying {
                try await house.publish(event(5))
                try await house.receiver.received(5)
            }
            #expect(house.receiver.durable.map(\.event) == (1...5).map { event($0) })
        }
    }

    @Test("after a crash the unrecorded events come again, in order, before the new ones")
    func crash() async throws {
        try await House.with { house in
            try await house.relaying {
                try await house.publish(event(1))
                try await house.receiver.received(1)
            }
            // Numbered and published, and then the process dies before it records that.
            try await house.publish(event(2), event(3))
            let entries = try await house.database.write { transaction in
                try OutboxStore.number(limit: 9, in: transaction)
                return try OutboxStore.entries(after: 1, limit: 9, in: transaction)
            }
            try await house.broker.publish(try #require(EventBatch(after: OutboxMark(position: OutboxPosition(generation: 0, sequence: 1)), entries)))
            let (next, receiver) = (try await InProcessBroker(database: house.database), Receiver())
            next.subscribe(receiver)
            try await house.publish(event(4))
            let relay = OutboxRelay(
                database: house.database, outbox: house.outbox, transport: next, changes: AsyncStream { nil })
            let running = Task { try await relay.run() }
            try await receiver.received(3)
            running.cancel()
            try await running.value
            #expect(receiver.durable.map(\.event) == [event(2), event(3), event(4)])
            #expect(receiver.durable.prefix(2) == house.receiver.durable.suffix(2))
        }
    }

    @Test("another process's events arrive, long before the slow poll")
    func otherProcess() async throws {
        var configuration = OutboxRelay.Configuration()
        configuration.poll = .seconds(3600)
        try await House.with { house in
            let guest = try await House(path: house.path, role: .guest)
            try await house.relaying(configuration) {
                try await house.publish(event(1))
                try await house.receiver.received(1)
                try await guest.publish(event(2))
                try await house.receiver.received(2)
                #expect(house.receiver.durable.map(\.event) == [event(1), event(2)])
            }
            try await guest.database.close()
        }
    }

    @Test("events reach the receiver without waiting for a poll")
    func latency() async throws {
        var configuration = OutboxRelay.Configuration()
        configuration.poll = .seconds(3600)
        try await House.with { house in
            try await house.relaying(configuration) {
                var times: [Duration] = []
                for number in 1...50 {
                    try await house.publish(event(number))
                    let committed = ContinuousClock.now
                    try await house.receiver.received(number)
                    times.append(.now - committed)
                }
                #expect(house.receiver.durable.count == 50)
                // Far above the usual fraction of a millisecond, far below anything that polls.
                #expect(times.sorted()[25] < .milliseconds(100), "median \(times.sorted()[25])")
            }
        }
    }

    @Test("writers in parallel: every event exactly once, offsets ascending")
    func parallelWriters() async throws {
        try await House.with { house in
            try await house.relaying {
                let (database, outbox) = (house.database, house.outbox)
                try await withThrowingTaskGroup { group in
                    for number in 0..<100 {
                        group.addTask { try await database.write { try outbox.publish(event(number), in: $0) } }
                    }
                    try await group.waitForAll()
                }
                try await house.receiver.received(100)
                #expect(Set(house.receiver.data) == Set((0..<100).map { event($0).data }))
                let offsets = house.receiver.durable.map(\.offset)
                #expect(offsets.count == 100 && offsets == offsets.sorted())
            }
        }
    }

    @Test("old events are pruned, their topics' histories say so, and offsets go on")
    func pruning() async throws {
        let clock = TestClock()
        var configuration = OutboxRelay.Configuration()
        configuration.poll = .milliseconds(5)
        configuration.pollsPerPruning = 1
        try await House.with(clock: clock) { house in
            try await house.publish(event(1), event(2), event(3, otherTopic))
            clock.advance(by: .seconds(8 * 86_400))
            try await house.relaying(configuration, clock: clock) {
                try await house.publish(event(4, otherTopic))
                _ = try await eventually("the pruning") { try await house.sequences() == [4] ? true : nil }
            }
            #expect(try await house.broker.latestOffset(of: topic) == 2)
            #expect(try await !house.broker.history(of: topic, after: 1, limit: 9).isComplete)
            #expect(try await house.broker.history(of: topic, after: 2, limit: 9).isComplete)
            #expect(try await house.broker.history(of: otherTopic, after: 3, limit: 9).events.map(\.offset) == [4])
            let fresh = Topic.user(UserID(at: Timestamp(milliseconds: 3)))
            #expect(try await house.broker.history(of: fresh, after: 0, limit: 9).isComplete)
        }
    }

    @Test("what may be pruned", arguments: [
        // (published, newest, days since the events, kept count, cut)
        (10, 10, 8, 100, 4 as Int64?), (2, 10, 8, 100, 2), (10, 4, 8, 100, 3), (10, 10, 1, 100, nil), (10, 10, 1, 7, 3),
        (0, 10, 8, 1, nil),
    ])
    func retention(_ published: Int64, _ newest: Int64, _ days: Int, _ count: Int64, _ cut: Int64?) {
        let written = Timestamp(milliseconds: 0)
        let oldest = (1...4).map { OutboxRetention.Entry(sequence: $0, at: written) }
        let retention = OutboxRetention(count: count)
        #expect(retention.cut(oldest, newest: newest, published: published, now: written + .seconds(86_400 * days)) == cut)
    }
}
