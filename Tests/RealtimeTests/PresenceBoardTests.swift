import Core
import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import Realtime

@Suite("The presence board")
struct PresenceBoardTests {
    private static let session = SessionID(at: Timestamp(milliseconds: 1))

    /// Several nodes that count in one registry and hear each other, as over the broker.
    private final class House: Sendable {
        let registry = Registry()
        let loop = NIOAsyncTestingEventLoop()
        /// What was told, by whichever node.
        let told = Inbox<Told>()
        private let nodes = NIOLockedValueBox<[PresenceBoard]>([])

        init(nodes count: Int) {
            nodes.withLockedValue { nodes in
                for _ in 0..<count {
                    nodes.append(PresenceBoard(eventLoop: loop, registry: registry, clock: StoppedClock()) { [weak self] event in
                        self?.carry(event)
                    })
                }
            }
        }

        subscript(index: Int) -> PresenceBoard { nodes.withLockedValue { $0[index] } }

        private func carry(_ event: EphemeralEvent) {
            for node in nodes.withLockedValue({ $0 }) { node.heard(event) }
            if let told = Told(event) { self.told.push(told) }
        }
    }

    private struct Told: Sendable, Equatable {
        let name: String
        let count: Int

        init(_ name: String, _ count: Int) { (self.name, self.count) = (name, count) }

        init?(_ event: EphemeralEvent) {
            guard let presence: Presence = try? JSON.decode(from: event.data) else { return nil }
            self.init(event.name, presence.count)
        }
    }

    @Test("several changes within the interval are told once, and only then")
    func interval() async throws {
        let house = House(nodes: 1)
        for member in ["a", "b", "c"] { house[0].joined(Self.session, member) }
        await house.loop.advanceTime(by: PresenceBoard.interval - .nanoseconds(1))
        #expect(house.told.elements.isEmpty)
        await house.loop.advanceTime(by: .nanoseconds(1))
        try await house.told.wait(for: "the first count") { elements, _ in elements.isEmpty ? nil : () }
        house[0].left(Self.session, "a")
        await house.loop.advanceTime(by: PresenceBoard.interval)
        try await house.told.wait(for: "the second count") { elements, _ in elements.count < 2 ? nil : () }
        #expect(house.told.elements == [Told("user_joined", 3), Told("user_left", 2)])
    }

    @Test("who comes and goes within the interval is not told of")
    func passerBy() async {
        let house = House(nodes: 1)
        house[0].joined(Self.session, "a")
        house[0].left(Self.session, "a")
        await house[0].tell()
        await house[0].reviewAll()
        #expect(house.told.elements.isEmpty)
    }

    @Test("a count that one node has told is not told again by the others, at the review or after a change of their own")
    func once() async {
        let house = House(nodes: 3)
        for node in 0..<3 { house[node].joined(Self.session, "\(node)") }
        for node in 0..<3 { await house[node].tell() }
        #expect(house.told.elements == [Told("user_joined", 3)])
        house[0].joined(Self.session, "new")
        await house[0].tell()
        for node in 0..<3 { await house[node].reviewAll() }
        #expect(house.told.elements == [Told("user_joined", 3), Told("user_joined", 4)])
        // One comes here and another goes there: nothing has changed for anybody.
        house[1].joined(Self.session, "newer")
        house[2].left(Self.session, "2")
        for node in 0..<3 { await house[node].tell() }
        #expect(house.told.elements.count == 2)
    }

    @Test("the followers of a node that died are told of by one of the others")
    func deadNode() async {
        let house = House(nodes: 3)
        for node in 0..<3 { house[node].joined(Self.session, "\(node)") }
        for node in 0..<3 { await house[node].tell() }
        house.registry.leave(.session(Self.session), "2")
        for node in 0..<2 { await house[node].reviewAll() }
        #expect(house.told.elements == [Told("user_joined", 3), Told("user_left", 2)])
    }

    @Test("a count that was told and is no longer true is corrected")
    func correction() async throws {
        let house = House(nodes: 1)
        for member in ["a", "b"] { house[0].joined(Self.session, member) }
        await house[0].tell()
        // Another node counted before the last change, and its word came late.
        house[0].heard(try Self.event(1))
        await house[0].reviewAll()
        #expect(house.told.elements == [Told("user_joined", 2), Told("user_joined", 2)])
    }

    @Test("nothing is remembered of sessions that nobody here follows, nor of what only looks like a count")
    func strangers() async throws {
        let house = House(nodes: 1)
        house[0].heard(try Self.event(1))
        house[0].joined(Self.session, "a")
        var other = try Self.event(1)
        other.name = "upload_progress"
        house[0].heard(other)
        var broken = try Self.event(1)
        broken.data = "{"
        house[0].heard(broken)
        await house[0].tell()
        #expect(house.told.elements == [Told("user_joined", 1)])
    }

    private static func event(_ count: Int) throws -> EphemeralEvent {
        try EphemeralEvent(
            topic: .session(session), type: RealtimeEvents.userJoined, key: "presence",
            data: Presence(sessionId: session, count: count), at: Timestamp(milliseconds: 0))
    }
}

/// Who is where, over all nodes of a test.
private final class Registry: PresenceRegistry {
    private let members = NIOLockedValueBox<[Topic: Set<String>]>([:])

    func enter(_ topic: Topic, _ member: String) { members.withLockedValue { _ = $0[topic, default: []].insert(member) } }
    func leave(_ topic: Topic, _ member: String) { members.withLockedValue { _ = $0[topic]?.remove(member) } }
    func count(of topic: Topic) async -> Int { members.withLockedValue { $0[topic]?.count ?? 0 } }
    func members(of topic: Topic, limit: Int) async -> [String] {
        members.withLockedValue { Array($0[topic, default: []].prefix(limit)) }
    }
}

private struct StoppedClock: WallClock {
    func now() -> Timestamp { Timestamp(milliseconds: 0) }
}
