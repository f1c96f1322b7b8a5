import Broker
import Core
import Testing

/// What every broker has to do for its readers; each driver's suite runs all of `all`.
/// A clause gets the broker, how to publish (returns when the events are in the history), and the receiver subscribed.
enum BrokerContract {
    typealias Publish = @Sendable ([DurableEvent]) async throws -> Void

    struct Clause: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let check: @Sendable (any EventTransport, Publish, Receiver) async throws -> Void

        init(_ sentence: String, _ check: @escaping @Sendable (any EventTransport, Publish, Receiver) async throws -> Void) {
            self.testDescription = sentence
            self.check = check
        }
    }

    static let all = [
        Clause("an empty topic has offset 0 and a complete history", empty),
        Clause("history holds a topic's events after an offset, in order, and no other's", history),
        Clause("events arrive in order with the offsets the history has", order),
        Clause("more missed than the limit is incomplete", limit),
        Clause("an offset nobody gave out is incomplete", foreignOffset),
        Clause("ephemeral events arrive at once and leave no trace", ephemeral),
    ]

    private static func empty(_ broker: any EventTransport, _ publish: Publish, _ receiver: Receiver) async throws {
        #expect(!broker.epoch.isEmpty)
        #expect(try await broker.latestOffset(of: topic) == 0)
        let history = try await broker.history(of: topic, after: 0, limit: 10)
        #expect(history == TopicHistory(events: [], isComplete: true))
    }

    private static func history(_ broker: any EventTransport, _ publish: Publish, _ receiver: Receiver) async throws {
        try await publish([event(1), event(9, otherTopic), event(2), event(3)])
        let all = try await broker.history(of: topic, after: 0, limit: 10)
        #expect(all.isComplete && all.events.map(\.event) == [event(1), event(2), event(3)])
        let rest = try await broker.history(of: topic, after: all.events[0].offset, limit: 10)
        #expect(rest.isComplete && rest.events.map(\.event) == [event(2), event(3)])
        #expect(try await broker.latestOffset(of: topic) == all.events[2].offset)
        #expect(all.events.map(\.offset) == all.events.map(\.offset).sorted())
    }

    private static func order(_ broker: any EventTransport, _ publish: Publish, _ receiver: Receiver) async throws {
        for number in 0..<20 { try await publish([event(number), event(number, otherTopic)]) }
        await receiver.received(40)
        #expect(receiver.durable.map(\.event) == (0..<20).flatMap { [event($0), event($0, otherTopic)] })
        let history = try await broker.history(of: topic, after: 0, limit: 100)
        #expect(receiver.durable.filter { $0.event.topic == topic } == history.events)
    }

    private static func limit(_ broker: any EventTransport, _ publish: Publish, _ receiver: Receiver) async throws {
        try await publish((1...5).map { event($0) })
        #expect(try await broker.history(of: topic, after: 0, limit: 5).isComplete)
        let cut = try await broker.history(of: topic, after: 0, limit: 4)
        #expect(!cut.isComplete && cut.events.count == 4)
    }

    private static func foreignOffset(_ broker: any EventTransport, _ publish: Publish, _ receiver: Receiver) async throws {
        try await publish([event(1)])
        #expect(try await !broker.history(of: topic, after: 1_000_000, limit: 5).isComplete)
        #expect(try await !broker.history(of: topic, after: -1, limit: 5).isComplete)
    }

    private static func ephemeral(_ broker: any EventTransport, _ publish: Publish, _ receiver: Receiver) async throws {
        let type = EventType("upload_progress", durability: .ephemeral, payload: .object([]), about: "")
        let progress = try EphemeralEvent(topic: topic, type: type, key: "a", data: ["x": 1], at: Timestamp(milliseconds: 1))
        broker.send(progress)
        #expect(receiver.ephemeral == [progress])
        #expect(try await broker.latestOffset(of: topic) == 0)
    }
}
