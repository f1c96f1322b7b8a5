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
        let registry = TestRegistry()
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
        let people: [String]
        let isSample: Bool

        init(_ name: String, _ count: Int, _ people: [String] = [], isSample: Bool = false) {
            (self.name, self.count, self.people, self.isSample) = (name, count, people, isSample)
        }

        init?(_ event: EphemeralEvent) {
            guard let presence: Presence = try? JSON.decode(from: event.data) else { return nil }
            self.init(event.name, presence.count, presence.people.map(\.name), isSample: presence.sampled)
        }
    }

    @Test("several changes within the interval are told once, and only then")
    func interval() async throws {
        let house = House(nodes: 1)
        for member in ["a", "b", "c"] as [PresenceMember] { house[0].joined(Self.session, member) }
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

    @Test("who has a name is named once, however many connections there are, and told of when another comes in their place")
    func names() async {
        let house = House(nodes: 2)
        house[0].joined(Self.session, .guest("Gus"))
        house[1].joined(Self.session, .guest("Gus"))
        house[1].joined(Self.session, .guest("Ann"))
        house[1].joined(Self.session, "a")
        for node in 0..<2 { await house[node].tell() }
        #expect(house.told.elements == [Told("user_joined", 3, ["Ann", "Gus"])])
        house[1].left(Self.session, .guest("Gus"))
        house[1].left(Self.session, .guest("Ann"))
        house[1].joined(Self.session, .guest("Bea"))
        for node in 0..<2 { await house[node].tell() }
        #expect(house.told.elements.dropFirst() == [Told("user_joined", 3, ["Bea", "Gus"])])
        house[0].left(Self.session, .guest("Gus"))
        for node in 0..<2 { await house[node].tell() }
        #expect(house.told.elements.dropFirst(2) == [Told("user_left", 2, ["Bea"])])
    }

    @Test("of many with a name some are named to who joins, the others are told the number, and nothing when only names change")
    func sample() async {
        let house = House(nodes: 1)
        for number in 0...Presence.limit { house[0].joined(Self.session, .guest("\(number)")) }
        await house[0].tell()
        #expect(house.told.elements == [Told("user_joined", Presence.limit + 1, isSample: true)])
        #expect(await house[0].presence(in: Self.session).people.count == Presence.limit)
        house[0].joined(Self.session, .guest("new"))
        house[0].left(Self.session, .guest("0"))
        await house[0].tell()
        #expect(house.told.elements.count == 1)
        house[0].left(Self.session, .guest("1"))
        house[0].left(Self.session, .guest("2"))
        await house[0].tell()
        #expect(house.told.elements.last.map { [$0.count, $0.people.count] } == [19, 19] && house.told.elements.last?.isSample == false)
    }

    @Test("people are shown by name and kind, accounts by their number too, guests by none")
    func people() throws {
        let user = UserID(at: Timestamp(milliseconds: 3))
        let token = GrantToken(
            grantID: GrantID(at: Timestamp(milliseconds: 1)), sessionID: Self.session, rights: .guest, expiresAt: Timestamp(milliseconds: 1))
        let key = Principal.key(token.grantID, owner: user, role: .member, scopes: [.read])
        let members = [
            PresenceMember(SelfFollowingTests.person(user), name: "ann"), PresenceMember(.guest(token), name: "Gus"), PresenceMember(key, name: "ann"),
        ].compactMap { $0 }
        let presence = Presence(Self.session, Attendance(count: 3, members: members, isSample: false))
        #expect(PresenceMember(.anonymous, name: nil) == nil && members.count == 3)
        #expect(try JSON.value(of: presence)["people"] == [
            ["name": "Gus", "kind": "guest"], ["name": "ann", "kind": "user", "userId": .string(user.description)],
        ])
        try Presence.schema.validate(try JSON.value(of: presence))
        let long = PresenceMember(.guest(token), name: String(repeating: "e\u{301}", count: 100))
        #expect(long?.label?.unicodeScalars.count == PresenceMember.maxLabel)
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
        for member in ["a", "b"] as [PresenceMember] { house[0].joined(Self.session, member) }
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
            data: Presence(session, Attendance(count: count, members: [], isSample: false)), at: Timestamp(milliseconds: 0))
    }
}

/// Who is where, over all nodes of a test.
final class TestRegistry: PresenceRegistry {
    private let members = NIOLockedValueBox<[Topic: [PresenceMember: Int]]>([:])

    func enter(_ topic: Topic, _ member: PresenceMember) { members.withLockedValue { $0[topic, default: [:]][member, default: 0] += 1 } }
    func leave(_ topic: Topic, _ member: PresenceMember) {
        members.withLockedValue { members in
            let count = members[topic]?[member] ?? 0
            members[topic]?[member] = count > 1 ? count - 1 : nil
        }
    }
    func attendance(of topic: Topic, limit: Int) async -> Attendance {
        let here = members.withLockedValue { Array(($0[topic] ?? [:]).keys) }
        let named = here.filter { $0.label != nil }
        return Attendance(count: here.count, members: Array(named.prefix(limit)), isSample: named.count > limit)
    }
}

extension PresenceMember: ExpressibleByStringInterpolation {
    /// Somebody without a name.
    public init(stringLiteral id: String) { self.init(id: id) }

    /// A guest with a name.
    static func guest(_ name: String) -> Self { Self(id: "guest:\(name)", label: name) }
}

private struct StoppedClock: WallClock {
    func now() -> Timestamp { Timestamp(milliseconds: 0) }
}
