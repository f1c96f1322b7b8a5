import Broker
import Core
import TestSupport
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
        Clause("a nudge reaches who listens for its name", nudges),
        Clause("presence counts members, not connections", presence),
        Clause("who has a label is named, the others are only counted; of many a sample", labels),
        Clause("of thousands as many are named as are asked for", crowd),
        Clause("a bucket gives its burst and then makes wait", limits),
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
        try await receiver.received(40)
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
        broker.send(progress())
        #expect(receiver.ephemeral == [progress()])
        #expect(try await broker.latestOffset(of: topic) == 0)
    }

    private static func nudges(_ broker: any EventTransport, _ publish: Publish, _ receiver: Receiver) async throws {
        let heard = Inbox<String>()
        broker.listen(for: "upload") { heard.push($0) }
        broker.nudge("other", "x")
        broker.nudge("upload", "a b:c\r\n")
        try await heard.wait(for: "the nudge") { elements, _ in elements.isEmpty ? nil : () }
        #expect(heard.elements == ["a b:c\r\n"])
    }

    private static func labels(_ broker: any EventTransport, _ publish: Publish, _ receiver: Receiver) async throws {
        let presence = broker.presence
        let members = [
            PresenceMember(id: "guest:1", label: "Ann of the  \"Hill\"\n"), PresenceMember(id: "guest:2", label: "Ännchen 👩‍👩‍👧"),
            PresenceMember(id: "guest:3", label: "  "), PresenceMember(id: "key:4"),
        ]
        for member in members { presence.enter(topic, member) }
        let all = await presence.attendance(of: topic, limit: 2)
        #expect(all.count == 4 && !all.isSample && Set(all.members) == Set(members.prefix(2)))
        let some = await presence.attendance(of: topic, limit: 1)
        #expect(some.count == 4 && some.isSample && some.members.count == 1 && members.prefix(2).contains(some.members[0]))
        let none = await presence.attendance(of: otherTopic, limit: 1)
        #expect(none == Attendance(count: 0, members: [], isSample: false))
        for member in members { presence.leave(topic, member) }
        #expect(await presence.attendance(of: topic, limit: 2) == none)
    }

    private static func crowd(_ broker: any EventTransport, _ publish: Publish, _ receiver: Receiver) async throws {
        let members = (0..<2500).map { PresenceMember(id: "guest:\($0)", label: $0 % 2 == 0 ? "Guest \($0)" : nil) }
        for member in members { broker.presence.enter(topic, member) }
        // What finds no room on its way is made up for by the next beat.
        let found = try await eventually("all of them") {
            let found = await broker.presence.attendance(of: topic, limit: 20)
            return found.count == members.count ? found : nil
        }
        #expect(found.isSample && found.members.count == 20)
        #expect(Set(found.members).count == 20 && Set(found.members).isSubset(of: members.filter { $0.label != nil }))
        // A few names among many without one are all told.
        for member in members.dropFirst(6) where member.label != nil { broker.presence.leave(topic, member) }
        let named = members.prefix(6).filter { $0.label != nil }
        let few = try await eventually("those who stay") {
            let found = await broker.presence.attendance(of: topic, limit: 20)
            return found.count == members.count / 2 + named.count ? found : nil
        }
        #expect(!few.isSample && Set(few.members) == Set(named))
        for member in members { broker.presence.leave(topic, member) }
        _ = try await eventually("none of them") { await broker.presence.count(of: topic) == 0 ? true : nil }
    }

    private static func presence(_ broker: any EventTransport, _ publish: Publish, _ receiver: Receiver) async throws {
        let presence = broker.presence
        for member in ["ann", "ann", "ben"] as [PresenceMember] { presence.enter(topic, member) }
        #expect(await presence.count(of: topic) == 2)
        #expect(await presence.count(of: otherTopic) == 0)
        presence.leave(topic, "ann")
        presence.leave(topic, "nobody")
        #expect(await presence.members(of: topic, limit: 9).sorted() == ["ann", "ben"])
        #expect(await presence.members(of: topic, limit: 1).count == 1)
        presence.leave(topic, "ann")
        #expect(await presence.members(of: topic, limit: 9) == ["ben"])
        presence.leave(topic, "ben")
        #expect(await presence.count(of: topic) == 0)
    }

    private static func limits(_ broker: any EventTransport, _ publish: Publish, _ receiver: Receiver) async throws {
        let (limiter, limit) = (broker.limiter, RateLimit(burst: 2, interval: .seconds(60)))
        for _ in 1...2 { #expect(await limiter.take("code:1", limit) == nil) }
        let wait = try #require(await limiter.take("code:1", limit))
        #expect(wait > .seconds(50) && wait <= .seconds(60))
        #expect(await limiter.take("code:2", limit) == nil)
        await limiter.refund("code:1", limit)
        #expect(await limiter.take("code:1", limit) == nil)
        #expect(await limiter.take("code:1", limit) != nil)
        await limiter.reset("code:1")
        #expect(await limiter.take("code:1", limit) == nil)
    }
}
