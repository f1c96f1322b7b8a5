import Core
import NIOCore
import NIOHTTP1
import Sockets
import TestSupport
import Testing

@testable import Realtime

@Suite("/socket.io/")
struct SocketIOTests {
    static let topic = Topic.session(HubTests.session)
    static let owner = ClientConnectionTests.owner

    private func staged(
        maxConnections: Int = 100, _ body: (TestHouse, SocketIOEndpoint) async throws -> Void
    ) async throws {
        let house = TestHouse(maxConnections: maxConnections)
        house.doors.know("owner", Self.owner)
        house.doors.know("other", .user(UserID(at: Timestamp(milliseconds: 9)), role: .member, device: DeviceID(at: Timestamp(milliseconds: 10))))
        var configuration = RealtimeWires.Configuration()
        configuration.maxConnections = maxConnections
        do { try await body(house, SocketIOEndpoint(house: house.house, configuration: configuration)) } catch {
            try await house.shutdown()
            throw error
        }
        try await house.shutdown()
    }

    @Test func `a client shows its token, joins, is answered, and gets events with their offsets`() async throws {
        try await staged { house, endpoint in
            let client = try await PollingVisitor(endpoint, on: house.loop)
            let connected = try await client.connect(["token": "owner"])
            #expect(connected["sid"]?.stringValue?.count == 20 && connected["pid"]?.stringValue?.count == 32)
            #expect(try await client.json("2")[0] == "authenticated")
            let answer = try await client.join()
            house.broker.publish(Self.topic, data: #"{"a":1}"#)
            #expect(answer[0]?["recovered"] == false && answer[1] == nil)
            let joined = try await client.json("2")
            #expect(joined[0] == "session_joined" && joined[1] == answer[0] && joined[2] == nil)
            #expect(try await client.receive("2") == #"["new_photo",{"a":1},"1"]"#)
        }
    }

    @Test func `who was let in hears what is said to everybody, and is told why it is sent away; not before`() async throws {
        try await staged { house, endpoint in
            let early = try await PollingVisitor(endpoint, on: house.loop)
            let client = try await PollingVisitor(endpoint, on: house.loop)
            _ = try await client.connect(["token": "owner"])
            house.hub.receive(try Announcement(message: "Now", level: .warning).event(at: Timestamp(milliseconds: 0)))
            #expect(try await client.receive(#"2["announcement","#) == #"{"level":"warning","message":"Now"}]"#)
            // Nothing of it waits for those who connect later.
            _ = try await early.connect(["token": "other"])
            #expect(!early.got.contains { $0.contains("announcement") })
            let reason = CloseReason(code: CloseReason.kicked.code, text: #"said "no""#)
            guard let owner = Self.owner.userID else { throw TimedOut("an account") }
            house.hub.showOut(Eviction(target: .user(owner), reason: reason))
            #expect(try await client.receive(#"2["closed","#) == #"{"code":3503,"reason":"said \"no\""}]"#)
            #expect(try await client.receive("1").isEmpty)
            _ = try await client.receive("end")
        }
    }

    @Test func `a token may come with the request, and one that does not hold is refused with the problem's code`() async throws {
        try await staged { house, endpoint in
            let client = try await PollingVisitor(endpoint, on: house.loop, headers: ["Authorization": "Bearer owner"])
            _ = try await client.connect([:])
            #expect(try await client.join()[0]?["recovered"] == false)
            let stranger = try await PollingVisitor(endpoint, on: house.loop)
            try await stranger.send(#"0{"token":"wrong"}"#)
            let refusal = try await stranger.json("4")
            #expect(refusal["data"]?["code"] == "invalid_token" && refusal["message"]?.stringValue != nil)
            // It may try again.
            _ = try await stranger.connect(["token": "owner"])
        }
    }

    @Test(arguments: [
        (#"21["nothing",{}]"#, "31", "unknown_type"), (#"21["join_session",{}]"#, "31", "invalid_field"),
        (#"21["join_session",5]"#, "31", "invalid_field"),
        (#"21["joinSession",{"session_id":"00000000-0000-7000-8000-000000000000"}]"#, "31", "not_found"),
    ])
    func `what goes wrong with a command is its answer, or an event if none is wanted`(
        command: String, answer: String, code: String
    ) async throws {
        try await staged { house, endpoint in
            let client = try await PollingVisitor(endpoint, on: house.loop)
            _ = try await client.connect([:])
            try await client.send(command)
            #expect(try await client.json(answer)[0]?["error"]?["code"] == .string(code))
            try await client.send("2" + command.dropFirst(2))
            let event = try await client.json("2")
            #expect(event[0] == "error" && event[1]?["code"] == .string(code))
        }
    }

    @Test func `commands without data, by their aliases, and with binary parts`() async throws {
        try await staged { house, endpoint in
            let client = try await PollingVisitor(endpoint, on: house.loop)
            _ = try await client.connect(["token": "owner"])
            try await client.send(#"21["ping"]"#, #"22["joinRoom",{"session_id":"\#(HubTests.session)"}]"#)
            #expect(try await client.receive("31") == "[{}]")
            #expect(try await client.json("32")[0]?["sessionId"] == .string(HubTests.session.description))
            try await client.send(#"51-3["ping",{"_placeholder":true,"num":0}]"#, "bAQID")
            #expect(try await client.json("33")[0]?["error"]?["code"] == "binary_not_taken")
        }
    }

    @Test func `other namespaces are refused`() async throws {
        try await staged { house, endpoint in
            let client = try await PollingVisitor(endpoint, on: house.loop)
            try await client.send("0/elsewhere,")
            #expect(try await client.receive("4/elsewhere,") == #"{"message":"Invalid namespace"}"#)
        }
    }

    @Test func `connections are counted with those of other wires`() async throws {
        try await staged(maxConnections: 2) { house, endpoint in
            let other = try await house.client()
            let first = try await PollingVisitor(endpoint, on: house.loop)
            _ = try await first.connect([:])
            let second = try await PollingVisitor(endpoint, on: house.loop)
            try await second.send("0{}")
            #expect(try await second.receive("end") == "")
            try await other.leave()
            _ = try await PollingVisitor(endpoint, on: house.loop).connect([:])
        }
    }

    @Test func `who could be let in at another time loses the connection, for stock clients that are refused do not come back`() async throws {
        try await staged { house, endpoint in
            let client = try await PollingVisitor(endpoint, on: house.loop)
            house.doors.fail(1)
            try await client.send("0{}")
            #expect(try await client.receive("end") == "")
            _ = try await PollingVisitor(endpoint, on: house.loop).connect([:])
        }
    }

    @Test func `when the server drains, polls are answered with the end`() async throws {
        try await staged { house, endpoint in
            let client = try await PollingVisitor(endpoint, on: house.loop)
            _ = try await client.connect([:])
            endpoint.shutdown()
            #expect(try await client.receive("end") == "")
        }
    }

    // MARK: One's own topic

    private static let own = Topic.user(owner.personID!)

    /// Connects as the account, and waits until it follows its own topic.
    private func arrive(
        _ house: TestHouse, _ endpoint: SocketIOEndpoint, _ more: [String: JSONValue] = [:]
    ) async throws -> (PollingVisitor, connected: JSONValue, told: JSONValue?) {
        let client = try await PollingVisitor(endpoint, on: house.loop)
        let connected = try await client.connect(.object(["token": "owner"].merging(more) { own, _ in own }))
        return (client, connected, try await client.json("2")[1])
    }

    @Test(arguments: ["1", 1] as [JSONValue])
    func `an account hears what is told to it alone, and may say how far it has heard`(place: JSONValue) async throws {
        try await staged { house, endpoint in
            let (client, _, told) = try await arrive(house, endpoint)
            for _ in 1...3 { house.broker.publish(Self.own) }
            #expect(told == ["userId": .string("\(Self.owner.personID!)"), "epoch": "first", "offset": 0, "recovered": false])
            #expect(try await client.offsets(3) == ["1", "2", "3"])
            let (other, _, place) = try await arrive(house, endpoint, ["epoch": "first", "userOffset": place])
            #expect(place?["recovered"] == true)
            #expect(try await other.offsets(2) == ["2", "3"])
        }
    }

    @Test func `who was lost gets what was told to it alone by the recovery of all topics, and is not told again where it is`() async throws {
        try await staged { house, endpoint in
            let (client, before, _) = try await arrive(house, endpoint)
            _ = try await client.join()
            _ = try await client.receive(#"2["session_joined""#)
            for topic in [Self.own, Self.topic] { house.broker.publish(topic) }
            #expect(try await client.offsets(2) == ["1", "2"])
            try await client.vanish()
            for topic in [Self.own, Self.topic, Self.own] { house.broker.publish(topic) }
            let (again, isRecovered) = try await comeBack(house, endpoint, before, offset: "2")
            house.broker.publish(Self.own)
            #expect(isRecovered)
            #expect(try await again.offsets(4) == ["3", "4", "5", "6"])
            try await again.send(#"21["ping"]"#)
            #expect(try await again.receive("31") == "[{}]")
            #expect(!again.got.contains { $0.contains("authenticated") })
        }
    }

    // MARK: Recovery

    /// A client that follows the session, got the first event, and has not got the second.
    private func followed(
        _ house: TestHouse, _ endpoint: SocketIOEndpoint, token: JSONValue = "owner"
    ) async throws -> (PollingVisitor, JSONValue) {
        let client = try await PollingVisitor(endpoint, on: house.loop)
        let connected = try await client.connect(["token": token])
        _ = try await client.join()
        house.broker.publish(Self.topic)
        #expect(try await client.offsets(1) == ["1"])
        return (client, connected)
    }

    private func comeBack(
        _ house: TestHouse, _ endpoint: SocketIOEndpoint, _ before: JSONValue, offset: String = "1", token: JSONValue = "owner"
    ) async throws -> (PollingVisitor, isRecovered: Bool) {
        let client = try await PollingVisitor(endpoint, on: house.loop)
        let now = try await client.connect(["token": token, "pid": before["pid"] ?? .null, "offset": .string(offset)])
        let isRecovered = now["sid"] == before["sid"]
        #expect((now["pid"] == before["pid"]) == isRecovered)
        return (client, isRecovered)
    }

    @Test(arguments: [true, false])
    func `who comes back is who it was and gets what it missed, be its loss known or not`(isKnown: Bool) async throws {
        try await staged { house, endpoint in
            let (client, before) = try await followed(house, endpoint)
            if isKnown { try await client.vanish() }
            for _ in 2...40 { house.broker.publish(Self.topic) }
            let (again, isRecovered) = try await comeBack(house, endpoint, before)
            #expect(isRecovered)
            house.broker.publish(Self.topic)
            #expect(try await again.offsets(40) == (2...41).map { String($0) })
            if !isKnown { await #expect(throws: TimedOut.self) { _ = try await client.receive("never") } }
            // And once more.
            try await again.vanish()
            house.broker.publish(Self.topic)
            let (third, isRecoveredAgain) = try await comeBack(house, endpoint, before, offset: "40")
            #expect(isRecoveredAgain)
            #expect(try await third.offsets(2) == ["41", "42"])
        }
    }

    @Test func `an offset from before the server forgot the client says nothing about what it follows since`() async throws {
        try await staged { house, endpoint in
            for topic in [Self.topic, Self.topic, Self.topic, .desk(HubTests.session)] { house.broker.publish(topic) }
            let client = try await PollingVisitor(endpoint, on: house.loop)
            let connected = try await client.connect(["token": "owner", "pid": "of another time", "offset": "4"])
            try await client.send(#"21["join_session",{"sessionId":"\#(HubTests.session)","epoch":"first","offset":1}]"#)
            #expect(try await client.json("31")[0]?["recovered"] == true)
            // What it missed is on its way, but has not come.
            let (again, isRecovered) = try await comeBack(house, endpoint, connected, offset: "4")
            #expect(isRecovered)
            #expect(try await again.offsets(2) == ["2", "3"])
        }
    }

    @Test func `strangers who follow nothing leave nothing, however many come and go`() async throws {
        try await staged(maxConnections: 12) { house, endpoint in
            let (client, before) = try await followed(house, endpoint)
            try await client.vanish()
            for _ in 0..<40 {
                let stranger = try await PollingVisitor(endpoint, on: house.loop)
                _ = try await stranger.connect([:])
                try await stranger.vanish()
                // The session has ended once the poll that was on its way is answered.
                await #expect(throws: TimedOut.self) { _ = try await stranger.receive("never") }
            }
            #expect(try await comeBack(house, endpoint, before).isRecovered)
        }
    }

    @Test func `a guest who was shown out meanwhile starts over, and is told nothing`() async throws {
        try await staged { house, endpoint in
            for isRevoked in [false, true] {
                let client = try await PollingVisitor(endpoint, on: house.loop)
                let before = try await client.connect([:])
                try await client.send(#"21["join_session",{"sessionId":"\#(HubTests.session)","accessCode":"right"}]"#)
                #expect(try await client.json("31")[0]?["token"] == "signed")
                let seen = house.broker.publish(Self.topic)
                #expect(try await client.offsets(1) == [String(seen)])
                try await client.vanish()
                if isRevoked { house.doors.revoke(TestDoors.grant) }
                let (_, isRecovered) = try await comeBack(house, endpoint, before, offset: String(seen), token: .null)
                #expect(isRecovered != isRevoked)
            }
        }
    }

    @Test func `what is published while the history is read comes once and in order`() async throws {
        try await staged { house, endpoint in
            let (client, before) = try await followed(house, endpoint)
            try await client.vanish()
            house.broker.publish(Self.topic)
            house.broker.onRead { topic in
                if house.broker.newest < 4 { house.broker.publish(topic) }
            }
            let (again, isRecovered) = try await comeBack(house, endpoint, before)
            house.broker.publish(Self.topic)
            #expect(isRecovered)
            #expect(try await again.offsets(4) == ["2", "3", "4", "5"])
        }
    }

    @Test(arguments: 0..<3 as Range<UInt64>)
    func `who is cut off at random under a steady stream misses nothing and gets nothing twice`(seed: UInt64) async throws {
        try await staged { house, endpoint in
            var random = SeededGenerator(state: seed + 1)
            let total = 300
            var (client, before) = try await followed(house, endpoint)
            var seen = ["1"]
            async let published: Void = {
                for _ in 2...total {
                    house.broker.publish(Self.topic)
                    try await Task.sleep(for: .milliseconds(5))
                }
            }()
            while seen.count < total {
                let count = min(total - seen.count, Int.random(in: 1...20, using: &random))
                seen += try await client.offsets(count)
                if Bool.random(using: &random) { try await client.vanish() }
                let (again, isRecovered) = try await comeBack(house, endpoint, before, offset: seen.last ?? "")
                #expect(isRecovered)
                client = again
            }
            try await published
            #expect(seen == (1...total).map { String($0) })
        }
    }

    @Test(arguments: ["epoch", "pruned", "person", "stranger", "rights", "secret", "offset", "overflow", "left"])
    func `who cannot be given all starts over, as somebody new who follows nothing`(reason: String) async throws {
        try await staged { house, endpoint in
            var (client, before) = try await followed(house, endpoint)
            if reason == "left" {
                try await client.send("1")
                _ = try await client.connect(["token": "owner"])
            }
            try await client.vanish()
            house.broker.publish(Self.topic)
            switch reason {
            case "epoch": house.broker.begin("second")
            case "pruned": house.broker.prune(through: 2)
            case "rights": house.doors.close()
            case "secret": before = ["pid": "guessed", "sid": before["sid"] ?? .null]
            case "overflow":
                house.broker.onRead { _ in
                    house.broker.onRead(nil)
                    for _ in 0...Subscription.capacity { house.broker.publish(Self.topic) }
                }
            default: break
            }
            let token: JSONValue = reason == "person" ? "other" : reason == "stranger" ? .null : "owner"
            let (again, isRecovered) = try await comeBack(
                house, endpoint, before, offset: reason == "offset" ? "x" : "1", token: token)
            #expect(!isRecovered)
            house.broker.publish(Self.topic)
            try await again.send(#"21["ping"]"#)
            #expect(try await again.receive("3") == "1[{}]")
            #expect(again.got.allSatisfy { $0.hasPrefix(#"2["authenticated","#) })
        }
    }

    @Test func `who was sent away does not come back to what it was`() async throws {
        try await staged { house, endpoint in
            let client = try await PollingVisitor(endpoint, on: house.loop)
            let before = try await client.connect([:])
            try await client.send(#"21["join_session",{"sessionId":"\#(HubTests.session)","accessCode":"right"}]"#)
            #expect(try await client.json("31")[0]?["token"] == "signed")
            house.broker.publish(Self.topic)
            #expect(try await client.offsets(1) == ["1"])
            house.doors.revoke(TestDoors.grant)
            // The shard looks once a second. Socket.IO's own packet comes first, so that the client does not come back by itself.
            #expect(try await client.receive("1") == "")
            #expect(try await client.receive("end") == "")
            let (_, isRecovered) = try await comeBack(house, endpoint, before, token: .null)
            #expect(!isRecovered)
        }
    }
}
