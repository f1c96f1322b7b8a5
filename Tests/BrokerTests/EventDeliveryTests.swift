import Core
import Database
import Logging
import TestSupport
import Testing

@testable import Broker

@Suite struct `Event delivery` {
    @Test("what no message brought is read from the outbox, in any number")
    func catchUp() async throws {
        try await House.with(numbering: .onAppend) { house in
            let (delivery, receiver) = Self.delivery(house)
            for start in stride(from: 0, to: 1000, by: 250) {
                try await house.database.write { [outbox = house.outbox] transaction in
                    for number in start..<start + 250 { try outbox.publish(event(number), in: transaction) }
                }
            }
            let running = Task { await delivery.run { .seconds(3600) } }
            // The others are on their way and never come.
            delivery.receive(try await house.batch(after: 998))
            try await receiver.received(1000)
            #expect(receiver.durable.map(\.offset) == Array(1...1000))
            running.cancel()
            await running.value
        }
    }

    @Test("events that were pruned before they came are told as a loss, ahead of those that remain")
    func loss() async throws {
        try await House.with(numbering: .onAppend) { house in
            let (delivery, receiver) = Self.delivery(house)
            try await house.publish(event(1), event(2), event(3))
            let events = try await house.batch(after: 0).events
            delivery.receive(EventBatch(generation: 0, after: 0, through: 1, events: events.dropLast(2)))
            try await house.database.write { _ = try $0.execute("DELETE FROM outbox WHERE sequence <= 2") }
            let running = Task { await delivery.run { .milliseconds(5) } }
            try await receiver.received(2)
            #expect(receiver.durable.map(\.offset) == [1, 3])
            #expect(receiver.inbox.elements.firstIndex(of: .loss) == 1)
            running.cancel()
            await running.value
        }
    }

    @Test("what is said to exist and does not keeps nobody reading")
    func falseAlarm() async throws {
        try await House.with(numbering: .onAppend) { house in
            let (delivery, receiver) = Self.delivery(house)
            let running = Task { await delivery.run { .seconds(3600) } }
            delivery.heard(through: OutboxPosition(generation: .max, sequence: .max))
            try await house.publish(event(1))
            delivery.receive(try await house.batch(after: 0))
            try await receiver.received(1)
            running.cancel()
            await running.value
        }
    }

    @Test("a database that went back in time is told as a loss, even when it has got further since")
    func overtaken() async throws {
        try await House.with(numbering: .onAppend) { house in
            let (delivery, receiver) = Self.delivery(house)
            try await house.publish(event(1), event(2), event(3), event(4))
            delivery.receive(try await house.batch(after: 0))
            try await house.database.goBack(to: 2)
            try await house.publish(event(5), event(6), event(7))
            let running = Task { await delivery.run { .milliseconds(5) } }
            try await receiver.lost()
            #expect(delivery.delivered == OutboxPosition(generation: Self.now, sequence: 5))
            try await house.publish(event(8))
            try await receiver.received(5)
            #expect(receiver.durable.map(\.offset) == [1, 2, 3, 4, 6])
            #expect(receiver.losses == 1)
            running.cancel()
            await running.value
        }
    }

    @Test("a new history that somebody else began is gone on with from where the database is")
    func restartedElsewhere() async throws {
        try await House.with(numbering: .onAppend) { house in
            let (delivery, receiver) = Self.delivery(house)
            try await house.publish(event(1), event(2))
            delivery.receive(try await house.batch(after: 0))
            let mark = try await house.database.write { try OutboxStore.restart(after: 0, at: Timestamp(milliseconds: 7), in: $0) }
            #expect(mark.position == OutboxPosition(generation: 7, sequence: 2))
            let running = Task { await delivery.run { .seconds(3600) } }
            delivery.heard(through: mark.position)
            try await receiver.lost()
            #expect(delivery.delivered == mark.position)
            #expect(try await house.database.read { try OutboxStore.generation(in: $0) } == 7)
            running.cancel()
            await running.value
        }
    }

    @Test("a database that has lost the new history, too, begins one that is newer than both")
    func backAgain() async throws {
        try await House.with(numbering: .onAppend) { house in
            let (delivery, receiver) = Self.delivery(house)
            try await house.publish(event(1), event(2))
            delivery.receive(try await house.batch(after: 0))
            let running = Task { await delivery.run { .milliseconds(5) } }
            try await house.database.goBack(to: 1)
            try await receiver.lost()
            try await house.database.write {
                _ = try $0.execute("DELETE FROM outbox")
                _ = try $0.execute("UPDATE outbox_state SET generation = 0")
            }
            try await receiver.lost(2)
            // Newer even where the clock has not moved on.
            #expect(delivery.delivered == OutboxPosition(generation: Self.now + 1, sequence: 0))
            running.cancel()
            await running.value
        }
    }

    /// A new history is named by the time.
    private static let now = TestClock().now().milliseconds

    private static func delivery(_ house: House) -> (EventDelivery, Receiver) {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let (delivery, receiver) = (
            EventDelivery(house.database, from: OutboxMark(position: .start), clock: TestClock(), logger: logger), Receiver())
        delivery.subscribe(receiver)
        return (delivery, receiver)
    }
}
