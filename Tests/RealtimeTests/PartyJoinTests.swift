import Core
import NIOConcurrencyHelpers
import NIOCore
import TestSupport
import Testing

@testable import Realtime

@Suite("Clients that come to a party")
struct PartyJoinTests {
    private static let id = HubTests.session
    private static let (session, party) = (Topic.session(id), Topic.party(id))
    private static let owner = ClientConnectionTests.owner
    private static let guest = Principal.guest(
        GrantToken(grantID: TestDoors.grant, sessionID: id, rights: .guest, expiresAt: Timestamp(milliseconds: .max)))

    private func join(since offset: Int64? = nil, epoch: String = "first", more: [String: JSONValue] = [:]) -> JSONValue {
        var data: [String: JSONValue] = more
        data["partyId"] = .string(Self.id.description)
        if let offset { (data["offset"], data["epoch"]) = (.integer(offset), .string(epoch)) }
        return .object(data)
    }

    private func staged(handlers: [any CommandHandler] = [], _ body: (TestHouse) async throws -> Void) async throws {
        let house = TestHouse(handlers: handlers, types: handlers.isEmpty ? [] : [Entries.type])
        house.doors.know("owner", Self.owner, isStaff: true)
        do { try await body(house) } catch {
            try await house.shutdown()
            throw error
        }
        try await house.shutdown()
    }

    private func follows(_ client: TestClient) async throws -> Set<Topic> {
        try await client.connection.run { Set($0.subscriptions.keys) }
    }

    // MARK: Joining

    @Test func `joins, is told so with the state of then, and hears of party and session from then on, not of the desk`() async throws {
        try await staged { house in
            house.broker.publish(Self.party)
            let client = try await house.client(Self.owner)
            let answer = try await client.ask("join_party", join())
            for topic in [Self.session, .desk(Self.id), Self.party] { house.broker.publish(topic) }
            #expect(try await client.offsets == [2, 4])
            guard case .told("party_joined", let told) = try await client.notes.first, case .object(var members) = told else {
                throw TimedOut("party_joined")
            }
            #expect(members.removeValue(forKey: "state") == ["party": ["id": .string(Self.id.description)], "queue": [:], "members": []])
            #expect(answer.data == .object(members))
            #expect(
                members == [
                    "partyId": .string(Self.id.description), "epoch": "first", "offset": 1, "recovered": false, "guests": 1, "people": [],
                    "sampled": false,
                ])
            #expect(throws: Never.self) { try RealtimeEvents.partyJoined.payload.validate(told) }
        }
    }

    @Test func `the feature is asked first, told who has come, and only then what it is like there`() async throws {
        try await staged { house in
            let client = try await house.client(Self.owner)
            try await client.ask("join_party", join())
            #expect(house.parties.calls == [.mayEnter(Self.owner), .entered(Self.owner), .state(Self.owner)])
            try await client.ask("join_session", ["sessionId": .string(HubTests.other.description)])
            #expect(house.parties.calls.count == 3)
        }
    }

    @Test func `what was missed of both topics comes by one offset, in order`() async throws {
        try await staged { house in
            for topic in [Self.session, Self.party, .desk(Self.id), Self.session, Self.party] { house.broker.publish(topic) }
            let client = try await house.client(Self.owner)
            let answer = try await client.ask("join_party", join(since: 1))
            house.broker.publish(Self.party)
            #expect(answer.data?["recovered"] == true && answer.data?["offset"] == 5)
            #expect(try await client.offsets == [2, 4, 5, 6])
        }
    }

    @Test(arguments: [
        (nil, nil, true), (nil, false, false), (0, nil, false), (0, true, false), (7, nil, true), (7, false, false),
    ] as [(Int64?, Bool?, Bool)])
    func `the state is told unless all that was missed is, or it is not wanted`(since: Int64?, wanted: Bool?, isTold: Bool) async throws {
        try await staged { house in
            house.broker.publish(Self.party)
            let client = try await house.client(Self.owner)
            try await client.ask("join_party", join(since: since, more: wanted.map { ["state": .bool($0)] } ?? [:]))
            guard case .told(_, let told) = try await client.notes.first else { throw TimedOut("party_joined") }
            #expect((told["state"] != nil) == isTold)
        }
    }

    @Test func `too much at once while it joins is said, and no state that is older than that`() async throws {
        try await staged { house in
            house.parties.onState {
                for _ in 0...Subscription.capacity { house.broker.publish(Self.party) }
                // They are handed out in some turns of the loop.
                for _ in 0...Subscription.capacity { try await house.loop.submit {}.get() }
            }
            let client = try await house.client(Self.owner)
            let answer = try await client.ask("join_party", join())
            guard case .told(_, let told) = try await client.notes.first else { throw TimedOut("party_joined") }
            #expect(told["recovered"] == false && told["state"] == nil && answer.data?["offset"] == .integer(house.broker.newest))
        }
    }

    // MARK: Guests

    /// Tells what the connection came in by.
    private struct Entries: CommandHandler {
        static let type = EventType("entries", sender: .client, durability: .ephemeral, payload: .object([]), about: "")
        let commands: Set = ["entries"]

        func carryOut(_ name: String, _ data: JSONValue, for caller: CommandCaller) async throws -> JSONValue {
            .array(caller.entries.keys.map { .string($0.description) })
        }
    }

    @Test func `a guest comes by the code, hears both topics, gives commands, and is sent away when the grant is taken back`() async throws {
        try await staged(handlers: [Entries()]) { house in
            let client = try await house.client()
            let wrong = try await client.ask("join_party", join(more: ["accessCode": "wrong"]))
            let right = try await client.ask("join_party", join(more: ["accessCode": "right", "name": "Gus"]))
            #expect(wrong.problem?.code == "wrong_code" && right.data?["token"] == "signed")
            #expect(house.parties.calls == [.entered(Self.guest), .state(Self.guest)])
            for topic in [Self.session, .desk(Self.id), Self.party] { house.broker.publish(topic) }
            #expect(try await client.offsets == [1, 3])
            #expect(try await client.ask("entries").data == [.string(Self.id.description)])
            house.doors.revoke(TestDoors.grant)
            try await client.connection.run { $0.reconsider() }
            #expect(try await client.notes.last == .closed(.revoked))
        }
    }

    @Test func `who says the code once more is the same guest, and one with a grant needs none`() async throws {
        try await staged { house in
            let client = try await house.client()
            for _ in 1...3 { try await client.ask("join_party", join(more: ["accessCode": "right"])) }
            let other = try await house.client(Self.guest)
            #expect(try await other.ask("join_party", join(more: ["accessCode": "right"])).data?["token"] == nil)
            #expect(house.doors.entered == 1)
            #expect(house.parties.calls.filter { $0 == .mayEnter(Self.guest) }.count == 3)
        }
    }

    @Test func `what opens a party stays with the guest until neither of its topics is followed`() async throws {
        try await staged(handlers: [Entries()]) { house in
            let client = try await house.client()
            try await client.ask("join_party", join(more: ["accessCode": "right"]))
            try await client.connection.run { $0.unfollow(Self.session) }
            #expect(try await client.ask("entries").data == [.string(Self.id.description)])
            try await client.connection.run { $0.unfollow(Self.party) }
            #expect(try await client.ask("entries").data == [])
        }
    }

    // MARK: Who cannot come

    @Test func `who finds no place gets no grant and follows nothing`() async throws {
        try await staged { house in
            house.parties.refuse()
            house.doors.refuse(TestParties.full)
            for (principal, code) in [(Principal.anonymous, "right"), (Self.owner, nil), (Self.guest, nil)] {
                let client = try await house.client(principal)
                let answer = try await client.ask("join_party", join(more: code.map { ["accessCode": .string($0)] } ?? [:]))
                #expect(answer.problem == TestParties.full)
                #expect(try await follows(client).isEmpty)
            }
            #expect(house.doors.entered == 0)
        }
    }

    @Test func `without the code nobody learns that there is no place`() async throws {
        try await staged { house in
            house.parties.refuse()
            house.doors.refuse(TestParties.full)
            let client = try await house.client()
            let answers = [
                try await client.ask("join_party", join()), try await client.ask("join_party", join(more: ["accessCode": "wrong"])),
            ]
            #expect(answers.map { $0.problem?.code } == ["not_found", "wrong_code"] && house.parties.calls.isEmpty)
        }
    }

    @Test func `a stranger, and whoever may follow the session alone, is told that there is nothing, and nobody is asked for a place`() async throws {
        try await staged { house in
            let stranger = try await house.client()
            #expect(try await stranger.ask("join_party", join()).problem?.status == 404)
            house.doors.close([.party])
            let client = try await house.client(Self.owner)
            #expect(try await client.ask("join_party", join()).problem?.status == 404)
            #expect(house.parties.calls.isEmpty)
            #expect(try await follows(client).isEmpty)
        }
    }

    @Test func `where there are no parties nobody becomes a guest by asking for one`() async throws {
        let house = TestHouse(hasParties: false)
        let client = try await house.client()
        #expect(try await client.ask("join_party", join(more: ["accessCode": "right"])).problem == .notFound("party"))
        #expect(house.doors.entered == 0)
        try await house.shutdown()
    }

    @Test(arguments: [false, true])
    func `who cannot be written down does not follow it; who followed before comes back`(isRepeated: Bool) async throws {
        try await staged { house in
            let client = try await house.client(Self.owner)
            if isRepeated { try await client.ask("join_party", join()) }
            house.parties.fail()
            #expect(try await client.ask("join_party", join()).problem == TestParties.full)
            #expect(try await client.notes.contains(.closed(.resync)) == isRepeated)
            #expect(try await follows(client).isEmpty != isRepeated)
        }
    }

    @Test func `who is refused a second time goes on as before`() async throws {
        try await staged { house in
            let client = try await house.client(Self.owner)
            try await client.ask("join_party", join())
            house.parties.refuse()
            #expect(try await client.ask("join_party", join()).problem?.code == "party_full")
            house.broker.publish(Self.party)
            #expect(try await client.offsets == [1])
        }
    }

    // MARK: Leaving

    @Test(arguments: [("leave_party", "partyId", [:]), ("leave_session", "sessionId", ["sessionId": .string(id.description)])] as [(String, String, JSONValue)])
    func `who leaves hears no more of it, by whatever command`(command: String, member: String, answer: JSONValue) async throws {
        try await staged { house in
            let client = try await house.client()
            try await client.ask("join_party", join(more: ["accessCode": "right"]))
            for _ in 1...2 { #expect(try await client.ask(command, .object([member: .string(Self.id.description)])).data == answer) }
            #expect(house.parties.calls.filter { $0 == .left(Self.guest) }.count == 1)
            #expect(try await follows(client).isEmpty)
            #expect(try await client.connection.run { $0.caller.entries.isEmpty })
            #expect(house.house.followed.kinds.values.allSatisfy { $0 == 0 })
        }
    }

    @Test(arguments: [
        Eviction.Target.session(id), .member(ClientConnectionTests.owner.personID!, of: id), .user(ClientConnectionTests.owner.personID!),
    ])
    func `those who follow a party are found when they are to leave`(target: Eviction.Target) async throws {
        try await staged { house in
            let (client, other) = (try await house.client(Self.owner), try await house.client(Self.guest))
            for visitor in [client, other] { try await visitor.ask("join_party", join()) }
            for visitor in [client, other] { try await visitor.connection.run { $0.unfollow(Self.session) } }
            house.hub.showOut(Eviction(target: target, reason: .kicked))
            #expect(try await client.notes.last == .closed(.kicked))
            #expect(try await other.notes.contains(.closed(.kicked)) == (target == .session(Self.id)))
        }
    }

    @Test func `an account that may not follow the party any more is sent away by the next look at it; a guest by the code is not asked for`() async throws {
        try await staged { house in
            let (client, guest) = (try await house.client(Self.owner), try await house.client())
            for visitor in [client, guest] { try await visitor.ask("join_party", join(more: ["accessCode": "right"])) }
            try await guest.ask("authenticate", ["token": "owner"])
            house.doors.close([.party])
            let look: @Sendable (ClientConnection) -> Void = { for _ in 0..<ClientConnection.reviewInterval { $0.reconsider() } }
            for visitor in [guest, client] { try await visitor.connection.run(look) }
            try await client.wire.eventLoop.submit { client.wire.value.inbox }.get()
                .wait(for: "the end") { notes, _ in notes.contains(.closed(.revoked)) ? () : nil }
            try await guest.ask("ping")
            #expect(try await !guest.notes.contains(.closed(.revoked)))
        }
    }

    @Test func `what a lost client followed of a party is remembered, each topic with its place`() async throws {
        try await staged { house in
            let client = try await house.client()
            try await client.ask("join_party", join(more: ["accessCode": "right"]))
            let seen = house.broker.publish(Self.party)
            let memory = try await client.connection.run { $0.memory }
            #expect(Set(memory.places.keys) == [Self.session, Self.party] && memory.entries.keys.contains(Self.id))
            #expect(memory.places.values.allSatisfy { $0.since(seen) == seen } && memory.isOfUse)
            let again = try await house.client()
            try await again.connection.run { try $0.follow(memory) }
            #expect(try await again.connection.run { $0.caller.entries == memory.entries })
        }
    }
}
