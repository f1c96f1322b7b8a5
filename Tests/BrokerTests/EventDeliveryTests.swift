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
            delivery.receive(EventBatch(after: 0, through: 1, events: try await house.batch(after: 0).events.dropLast(2)))
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
            delivery.heard(through: .max)
            try await house.publish(event(1))
            delivery.receive(try await house.batch(after: 0))
            try await receiver.received(1)
            running.cancel()
            await running.value
        }
    }

    private static func delivery(_ house: House) -> (EventDelivery, Receiver) {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let (delivery, receiver) = (EventDelivery(house.database, after: 0, logger: logger), Receiver())
        delivery.subscribe(receiver)
        return (delivery, receiver)
    }
}

extension House {
    /// Everything in the outbox after a sequence.
    fileprivate func batch(after sequence: Int64) async throws -> EventBatch {
        let entries = try await database.read { try OutboxStore.entries(after: sequence, limit: 10_000, in: $0) }
        return try #require(EventBatch(after: sequence, entries))
    }
}
