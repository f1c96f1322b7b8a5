import Core
import NIOConcurrencyHelpers
import NIOCore
import Sockets
import TestSupport
import Testing

@testable import Realtime

@Suite("A client of a wire")
struct ClientConnectionTests {
    static let id = HubTests.session
    static let (session, desk) = (Topic.session(id), Topic.desk(id))
    static let owner = Principal.user(UserID(at: Timestamp(milliseconds: 7)), role: .photographer, device: DeviceID(at: Timestamp(milliseconds: 8)))

    private func join(since offset: Int64? = nil, epoch: String = "first", more: [String: JSONValue] = [:]) -> JSONValue {
        var data: [String: JSONValue] = more
        data["sessionId"] = .string(Self.id.description)
        if let offset { (data["offset"], data["epoch"]) = (.integer(offset), .string(epoch)) }
        return .object(data)
    }

    private func staged(_ body: (TestHouse) async throws -> Void) async throws {
        let house = TestHouse()
        house.doors.know("owner", Self.owner, isStaff: true)
        do { try await body(house) } catch {
            try await house.shutdown()
            throw error
        }
        try await house.shutdown()
    }

    @Test func `joins, is told so, gets what it missed of session and desk by one offset, and then what is live`() async throws {
        try await staged { house in
            for topic in [Self.session, Self.desk, Self.session, Self.desk] { house.broker.publish(topic) }
            let client = try await house.client(Self.owner)
            let answer = try await client.ask("join_session", join(since: 1))
            house.broker.publish(Self.desk)
            #expect(answer.data?["recovered"] == true && answer.data?["offset"] == 4 && answer.data?["deskOffset"] == 4)
            #expect(try await client.offsets == [2, 3, 4, 5])
            guard case .told("session_joined", let data) = try await client.notes.first else { throw TimedOut("session_joined") }
            #expect(data == answer.data)
        }
    }

    @Test func `what is published while the histories are read comes once and in order`() async throws {
        try await staged { house in
            for _ in 1...3 { house.broker.publish(Self.session) }
            let rounds = NIOLockedValueBox(0)
            house.broker.onRead { topic in
                let round = rounds.withLockedValue { rounds in
                    rounds += 1
                    return rounds
                }
                if round <= 4 { house.broker.publish(topic == Self.session ? Self.desk : Self.session) }
            }
            let client = try await house.client(Self.owner)
            try await client.ask("join_session", join(since: 0))
            #expect(try await client.offsets == Array(1...7))
        }
    }

    @Test func `what has not reached the hub when the history was read is not sent a second time when it does`() async throws {
        try await staged { house in
            let client = try await house.client(Self.owner)
            let late = house.broker.publish(Self.session, isHeard: false)
            try await client.ask("join_session", join(since: 0))
            house.hub.receive(HubTests.event(Self.id, late))
            house.broker.publish(Self.session)
            #expect(try await client.offsets == [1, 2])
        }
    }

    @Test(arguments: [true, false])
    func `too much at once while it joins is said, and the topics go on with what is newer`(hasRoom: Bool) async throws {
        try await staged { house in
            house.states.onAsk {
                for _ in 0...Subscription.capacity { house.broker.publish(Self.session) }
                // They are handed out in some turns of the loop.
                for _ in 0...Subscription.capacity { try await house.loop.submit {}.get() }
            }
            let client = try await house.client(Self.owner)
            try await client.connection.run { _ in client.wire.value.hasRoom = hasRoom }
            let newest = Int64(Subscription.capacity + 1)
            let answer = try await client.ask("join_session", join(more: ["state": true]))
            house.broker.publish(Self.session)
            guard case .told(_, let joined) = try await client.notes.first else { throw TimedOut("session_joined") }
            #expect(joined["state"] == nil)
            #expect(answer.data?["recovered"] == false && answer.data?["offset"] == .integer(newest))
            #expect(try await client.offsets == [newest + 1])
        }
    }

    @Test func `an offset of another epoch recovers nothing`() async throws {
        try await staged { house in
            house.broker.publish(Self.session)
            let client = try await house.client(Self.owner)
            let answer = try await client.ask("join_session", join(since: 0, epoch: "other"))
            #expect(answer.data?["recovered"] == false)
            #expect(try await client.offsets == [])
        }
    }

    @Test func `a guest enters by the code, hears nothing of the desk, and is sent away when the grant is taken back`() async throws {
        try await staged { house in
            let client = try await house.client()
            let wrong = try await client.ask("join_session", join(more: ["accessCode": "wrong"]))
            let right = try await client.ask("join_session", join(more: ["accessCode": "right"]))
            house.broker.publish(Self.desk)
            house.broker.publish(Self.session)
            #expect(wrong.problem?.code == "wrong_code" && right.data?["token"] == "signed" && right.data?["desk"] == false)
            #expect(try await client.offsets == [2])
            house.doors.revoke(TestDoors.grant)
            try await client.connection.run { $0.reconsider() }
            #expect(try await client.notes.last == .closed(.revoked))
        }
    }

    @Test func `who says the code once more is the same guest, until the grant is taken back`() async throws {
        try await staged { house in
            let client = try await house.client()
            for _ in 1...3 { try await client.ask("join_session", join(more: ["accessCode": "right"])) }
            #expect(house.doors.entered == 1)
            house.doors.revoke(TestDoors.grant)
            try await client.ask("join_session", join(more: ["accessCode": "right"]))
            #expect(house.doors.entered == 2)
        }
    }

    @Test func `a member is not made a guest because nobody can say at the moment that it is one`() async throws {
        try await staged { house in
            let client = try await house.client(Self.owner)
            // As often as it is asked for one thing.
            house.doors.fail(3)
            let answer = try await client.ask("join_session", join(more: ["accessCode": "right"]))
            #expect(answer.problem?.status == 503 && house.doors.entered == 0)
        }
    }

    @Test(arguments: [false, true])
    func `a join that fails half-way sends away who followed before, and no others`(isRepeated: Bool) async throws {
        try await staged { house in
            let client = try await house.client(Self.owner)
            try await client.ask("authenticate", ["token": "owner"])
            if isRepeated { try await client.ask("join_session", join()) }
            house.states.onAsk { throw DatabaseError.failed(code: DatabaseError.busyCode, message: "many wait", statement: "") }
            let answer = try await client.ask("join_session", join(more: ["state": true]))
            #expect(answer.problem?.status == 503)
            #expect(try await client.notes.contains(.closed(.resync)) == isRepeated)
            // What else it followed must not be taken for everything when it comes back.
            #expect(try await client.connection.run { $0.followsSelf && $0.memory.isOfUse } == !isRepeated)
            try await client.leave()
            #expect(try await client.connection.run { _ in house.hub.shard(of: house.loop)?.hasFollowers(of: Self.session) } == false)
        }
    }

    @Test func `a database that is away for a moment is asked again`() async throws {
        try await staged { house in
            let client = try await house.client(Self.owner)
            let asked = NIOLockedValueBox(0)
            house.states.onAsk {
                let count = asked.withLockedValue { asked in
                    asked += 1
                    return asked
                }
                if count < 3 { throw DatabaseError.failed(code: DatabaseError.busyCode, message: "many wait", statement: "") }
            }
            #expect(try await client.ask("join_session", join(more: ["state": true])).problem == nil)
            #expect(asked.withLockedValue { $0 } == 3)
        }
    }

    @Test func `who joins again with fewer rights hears no more of the desk`() async throws {
        try await staged { house in
            let client = try await house.client(Self.owner)
            try await client.ask("join_session", join())
            house.doors.dismiss(Self.owner)
            #expect(try await client.ask("join_session", join()).data?["desk"] == false)
            house.broker.publish(Self.desk)
            house.broker.publish(Self.session)
            #expect(try await client.offsets == [2])
        }
    }

    @Test func `events come in one write where there is room, else one by one, and none after the end`() async throws {
        try await staged { house in
            let client = try await house.client(Self.owner)
            try await client.ask("join_session", join())
            try await client.connection.run { _ in for _ in 1...3 { house.broker.publish(Self.session) } }
            let runs = try await client.connection.run { _ in client.wire.value.runs }
            try await client.connection.run { _ in client.wire.value.hasRoom = false }
            house.broker.publish(Self.session)
            #expect(try await client.offsets == [1, 2, 3, 4] && runs == 1)
            try await client.leave()
            house.broker.publish(Self.session)
            #expect(try await client.offsets == [1, 2, 3, 4])
            #expect(try await client.connection.run { _ in house.hub.shard(of: house.loop)?.hasFollowers(of: Self.session) } == false)
        }
    }

    @Test func `more connections than there may be are sent away, and leave room when they are gone`() async throws {
        let house = TestHouse(maxConnections: 1)
        let first = try await house.client()
        let second = try await house.client()
        let told = (try await first.notes, try await second.notes)
        #expect(told.0.isEmpty && told.1 == [.closed(.full)])
        try await second.leave()
        #expect(house.house.connections.isFull)
        try await first.leave()
        #expect(!house.house.connections.isFull)
        try await house.shutdown()
    }

    @Test func `who cannot be told what was missed is told the current state, unless they do not want it, once`() async throws {
        try await staged { house in
            let client = try await house.client(Self.owner)
            let answer = try await client.ask("join_session", join(since: 0, epoch: "other"))
            try await client.ask("join_session", join(since: 0, epoch: "other", more: ["state": false]))
            try await client.ask("join_session", join(since: 0))
            // Who has just come reads the list anyway.
            try await client.ask("join_session", join())
            try await client.ask("join_session", join(more: ["state": true]))
            let told = try await client.notes.compactMap { if case .told(_, let data) = $0 { data } else { nil } }
            #expect(told.map { $0["state"]?["session"] } == [1, nil, nil, nil, 2] && answer.data?["state"] == nil)
        }
    }

    // MARK: What is remembered of it

    private static let other = SessionID(at: Timestamp(milliseconds: 9))

    private func joinOther(_ client: TestClient) async throws {
        try await client.ask("join_session", ["sessionId": .string(Self.other.description), "epoch": "first", "offset": 0])
    }

    @Test func `what was sent of a session that was left says nothing about one that is joined later`() async throws {
        try await staged { house in
            let client = try await house.client(Self.owner)
            house.broker.publish(.session(Self.other))
            try await client.ask("join_session", join())
            let seen = house.broker.publish(Self.session)
            try await client.ask("leave_session", ["sessionId": .string(Self.id.description)])
            try await joinOther(client)
            let memory = try await client.connection.run { $0.memory }
            #expect(memory.places[.session(Self.other)]?.since(seen) == 0 && memory.newest == seen)
        }
    }

    @Test func `what was made up for before others came says nothing about them`() async throws {
        try await staged { house in
            let client = try await house.client(Self.owner)
            try await client.ask("join_session", join())
            let sent = house.broker.publish(Self.session)
            house.broker.publish(Self.session, isHeard: false)
            let seen = house.broker.publish(.session(Self.other), isHeard: false)
            try await joinOther(client)
            let places = try await client.connection.run { $0.memory.places }
            #expect(places[Self.session]?.since(seen) == sent && places[Self.session]?.since(seen + 1) == seen + 1)
        }
    }

    @Test func `who is lost while it joins starts over`() async throws {
        try await staged { house in
            let client = try await house.client(Self.owner)
            try await client.ask("join_session", join())
            #expect(try await client.connection.run { $0.memory.epoch } == "first")
            try await client.connection.run { try $0.follow(Self.session) }
            #expect(try await client.connection.run { $0.memory.epoch } == nil)
        }
    }

    @Test func `a token's end closes, with a code that asks to come back, unless a new one was shown`() async throws {
        try await staged { house in
            let end = house.clock.now() + .seconds(60)
            house.doors.know("fresh", Self.owner, isStaff: true, until: end + .seconds(60))
            let (idle, renewed) = (try await house.client(Self.owner, until: end), try await house.client(Self.owner, until: end))
            try await renewed.ask("authenticate", ["token": "fresh"])
            house.clock.advance(.seconds(60))
            for client in [idle, renewed] { try await client.connection.run { $0.reconsider() } }
            let closed = (try await idle.notes.last, try await renewed.notes.last)
            #expect(closed.0 == .closed(.expired) && closed.1?.data != nil)
            #expect(CloseReason.expired.code.rawValue < 3500)
        }
    }

    @Test func `who becomes somebody that may not follow what is followed is sent away`() async throws {
        try await staged { house in
            let client = try await house.client(Self.owner)
            try await client.ask("join_session", join())
            house.doors.know("other", .user(UserID(at: Timestamp(milliseconds: 9)), role: .member, device: DeviceID(at: Timestamp(milliseconds: 9))))
            let inbox = try await client.connection.run { _ in client.wire.value.inbox }
            try await client.ask("authenticate", ["token": "other"])
            try await inbox.wait(for: "the end") { notes, _ in notes.contains(.closed(.revoked)) ? () : nil }
        }
    }

    @Test func `who says nothing is sent away after ten seconds`() async throws {
        try await staged { house in
            let client = try await house.client()
            try await client.connection.run { for _ in 1..<10 { $0.reconsider() } }
            #expect(try await client.notes.isEmpty)
            try await client.connection.run { $0.reconsider() }
            #expect(try await client.notes == [.closed(.stale)])
        }
    }

    @Test func `bytes beyond the allowance are refused, and in the end the client is sent away`() async throws {
        try await staged { house in
            let client = try await house.client()
            let taken = try await client.connection.run { connection in (0..<30).map { _ in connection.mayReceive(64 << 10) } }
            #expect(taken.prefix(4).allSatisfy { $0 } && !taken.dropFirst(4).contains(true))
            #expect(try await client.notes.first?.problem?.code == "too_many_requests")
            #expect(try await client.notes.last == .closed(.flood))
        }
    }

    @Test func `a user joins so many times, over all connections`() async throws {
        try await staged { house in
            var codes: [String?] = []
            for _ in 0..<2 {
                let client = try await house.client(Self.owner)
                for _ in 0..<61 { codes.append(try await client.ask("join_session", join(more: ["state": false])).problem?.code) }
            }
            #expect(codes.prefix(120).allSatisfy { $0 == nil } && codes.suffix(2) == ["too_many_requests", "too_many_requests"])
        }
    }

    @Test func `strangers from one address ask for so much together, whoever they become`() async throws {
        try await staged { house in
            var codes: Set<String?> = []
            for _ in 0..<25 {
                let client = try await house.client()
                for _ in 0..<100 { codes.insert(try await client.ask("join_session", join()).problem?.code) }
            }
            #expect(codes == ["not_found", "too_many_requests"])
        }
    }

    // MARK: Commands of features

    struct Echo: CommandHandler {
        static let type = EventType(
            "echo", sender: .client, durability: .ephemeral, payload: .object([.field("someText", .string(0...20))]), aliases: ["e"], about: "")
        let commands: Set = ["echo"]

        func carryOut(_ name: String, _ data: JSONValue, for caller: CommandCaller) async throws -> JSONValue {
            guard caller.principal == .anonymous else { throw Problem.forbidden("No.") }
            return [
                "name": .string(name), "text": data["someText"] ?? .null, "entries": .integer(Int64(caller.entries.count)),
                "address": .string(caller.address),
            ]
        }
    }

    @Test func `a feature's command is checked, carried out for who gave it with what they came in by, and answered`() async throws {
        let undeclared = EventType("nobody", sender: .client, durability: .ephemeral, payload: .object([]), about: "")
        let house = TestHouse(handlers: [Echo()], types: [Echo.type, undeclared])
        let client = try await house.client()
        try await client.ask("join_session", join(more: ["accessCode": "right"]))
        let answer = try await client.ask("e", ["some_text": "hello"])
        #expect(answer.data == ["name": "echo", "text": "hello", "entries": 1, "address": "192.0.2.1"])
        #expect(throws: Command.Refusal.self) { try Command("echo", ["someText": 5], id: 1, table: house.house.table) }
        #expect(try await client.ask("nobody").problem?.code == "unknown_type")
        let other = try await house.client(Self.owner)
        #expect(try await other.ask("echo", ["someText": ""]).problem?.status == 403)
        try await house.shutdown()
    }
}
