import Core
import NIOCore
import Sockets
import TestSupport
import Testing

@testable import Realtime

@Suite("What administrators do to connections")
struct EvictionTests {
    private static let time = Timestamp(milliseconds: 1)
    private static let ada = UserID(at: time)
    private static let key = GrantID(at: time)
    private static let entry = GrantID(at: time)
    private static let device = DeviceID(at: time)

    private static let guest = Principal.guest(
        GrantToken(grantID: entry, sessionID: HubTests.session, rights: .guest, expiresAt: Timestamp(milliseconds: .max)))

    /// Who is connected: the owner and the guest follow the session.
    private static let people: [(name: String, principal: Principal, joins: Bool)] = [
        ("owner", ClientConnectionTests.owner, true), ("guest", guest, true),
        ("ada", .user(ada, role: .member, device: device), false),
        ("script", .key(key, owner: ada, role: .member, scopes: [.read]), false), ("stranger", .anonymous, false),
    ]

    @Test(arguments: [
        (Eviction.Target.user(ada), ["ada", "script"]), (.grant(key), ["script"]), (.grant(entry), ["guest"]),
        (.session(HubTests.session), ["owner", "guest"]), (.session(HubTests.other), []),
        (.address(IPAddress("192.0.2.1")!), ["owner", "guest", "ada", "script", "stranger"]), (.address(IPAddress("192.0.2.10")!), []),
    ])
    func `exactly those who are meant are sent away, with code and reason`(target: Eviction.Target, meant: [String]) async throws {
        let house = TestHouse()
        let reason = CloseReason(code: CloseReason.kicked.code, text: "enough")
        var clients: [String: TestClient] = [:]
        for person in Self.people {
            let client = try await house.client(person.principal)
            if person.joins { try await client.ask("join_session", ["sessionId": .string(HubTests.session.description)]) }
            clients[person.name] = client
        }
        house.hub.showOut(Eviction(target: target, reason: reason))
        for (name, client) in clients {
            #expect(try await client.notes.contains(.closed(reason)) == meant.contains(name), "\(name)")
        }
        try await house.shutdown()
    }

    @Test func `who entered by a code on a connection of no account is found by the guest's grant`() async throws {
        let house = TestHouse()
        house.doors.know("owner", ClientConnectionTests.owner)
        let client = try await house.client()
        try await client.ask("join_session", ["sessionId": .string(HubTests.session.description), "accessCode": "right"])
        house.hub.showOut(Eviction(target: .grant(TestDoors.grant), reason: .kicked))
        #expect(try await client.notes.last == .closed(.kicked))
        #expect(CloseReason.kicked.code.rawValue == 3503)
        try await client.connection.run { $0.closed(CloseReason.kicked.code) }
        #expect(house.house.connections.ended == [.kicked: 1])
        try await house.shutdown()
    }

    @Test func `a crowd is sent away to the last, some in each turn of the loop`() async throws {
        let house = TestHouse(maxConnections: 1000)
        var clients: [TestClient] = []
        for _ in 0..<700 { clients.append(try await house.client(Self.guest)) }
        house.hub.showOut(Eviction(target: .grant(Self.entry), reason: .kicked))
        for client in clients {
            try await client.wire.eventLoop.submit { client.wire.value.inbox }.get()
                .wait(for: "the end") { notes, _ in notes.contains(.closed(.kicked)) ? () : nil }
        }
        try await house.shutdown()
    }

    // MARK: Orders

    @Test(arguments: [
        (EvictionOrder(), ""), (EvictionOrder(userId: ada, grantId: key), ""), (EvictionOrder(userId: ada, address: "192.0.2.1"), ""),
        (EvictionOrder(address: "localhost"), "/address"), (EvictionOrder(address: "127.1"), "/address"),
        (EvictionOrder(userId: ada, reason: String(repeating: "静", count: 42)), "/reason"),
    ])
    func `an order that means nobody, or several kinds, or says too much is refused`(order: EvictionOrder, field: String) {
        let problem = #expect(throws: Problem.self) { try order.eviction() }
        #expect(problem?.code == "invalid_field" && problem?.members["field"] == .string(field))
    }

    @Test(arguments: [("::ffff:192.0.2.1", "192.0.2.1"), ("2001:DB8:0::1", "2001:db8::1")])
    func `an address is the same however it is written`(text: String, same: String) throws {
        #expect(try EvictionOrder(address: text).eviction().target == EvictionOrder(address: same).eviction().target)
    }

    @Test func `a reason may be as long as a close frame can say`() throws {
        let reason = String(repeating: "静", count: 41)
        #expect(try EvictionOrder(userId: Self.ada, reason: reason).eviction().reason.text == reason)
        #expect(try EvictionOrder(userId: Self.ada).eviction().reason == .kicked)
    }

    // MARK: Announcements

    private static func announcement(in session: SessionID? = nil) throws -> EphemeralEvent {
        try Announcement(message: "The \"buffet\"\nis open", level: .info, sessionId: session).event(at: time)
    }

    @Test func `everybody hears an announcement, whatever they follow; of a session only those who follow it`() async throws {
        let house = TestHouse()
        var clients: [String: TestClient] = [:]
        for person in Self.people {
            let client = try await house.client(person.principal)
            if person.joins { try await client.ask("join_session", ["sessionId": .string(HubTests.session.description)]) }
            clients[person.name] = client
        }
        try await clients["ada"]?.connection.run { [wire = clients["ada"]!.wire] _ in wire.value.hasRoom = false }
        let before = house.hub.totals.delivered
        house.hub.receive(try Self.announcement())
        house.hub.receive(try Self.announcement(in: HubTests.session))
        house.hub.receive(try Self.announcement(in: HubTests.other))
        for person in Self.people {
            let heard = try #require(try await clients[person.name]?.notes).filter { $0 == .event(offset: nil, name: "announcement") }
            #expect(heard.count == (person.joins ? 2 : 1), "\(person.name)")
        }
        #expect(house.hub.totals.delivered >= before + 7)
        try await house.shutdown()
    }

    @Test func `an event loop without connections is not woken for everybody, and nothing is kept for who comes later`() async throws {
        let house = TestHouse()
        let shard = try #require(house.hub.shard(of: house.loop))
        #expect(!shard.hasFollowers(of: .everyone))
        house.hub.receive(try Self.announcement())
        let client = try await house.client()
        #expect(shard.hasFollowers(of: .everyone))
        try await client.leave()
        #expect(!shard.hasFollowers(of: .everyone))
        #expect(try await client.notes.isEmpty)
        try await house.shutdown()
    }
}
