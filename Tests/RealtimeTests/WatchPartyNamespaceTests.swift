import Core
import NIOCore
import Sockets
import TestSupport
import Testing

@testable import Realtime

@Suite("/socket.io/, the namespace /watch-party")
struct WatchPartyNamespaceTests {
    private static let party = Topic.party(HubTests.session)
    private static let space = "/watch-party,"

    private func staged(maxConnections: Int = 100, _ body: (TestHouse, SocketIOEndpoint) async throws -> Void) async throws {
        let house = TestHouse(types: [Self.chat], maxConnections: maxConnections)
        house.doors.know("owner", ClientConnectionTests.owner)
        do { try await body(house, SocketIOEndpoint(house: house.house, configuration: RealtimeWires.Configuration())) } catch {
            try await house.shutdown()
            throw error
        }
        try await house.shutdown()
    }

    private static let chat = EventType("party_chat", sender: .client, durability: .ephemeral, payload: .object([]), about: "")

    /// A client in both namespaces.
    private func visitor(
        _ house: TestHouse, _ endpoint: SocketIOEndpoint
    ) async throws -> (PollingVisitor, main: JSONValue, party: JSONValue) {
        let client = try await PollingVisitor(endpoint, on: house.loop)
        let main = try await client.connect([:])
        return (client, main, try await client.connect([:], to: Self.space))
    }

    private func enter(_ client: PollingVisitor, _ number: Int, in namespace: String) async throws -> JSONValue? {
        try await client.send(
            #"2\#(namespace)\#(number)["join_party",{"partyId":"\#(HubTests.session)","accessCode":"right"}]"#)
        return try await client.json("3\(namespace)\(number)")[0]
    }

    @Test func `a client connects, joins by the short name, is answered there, and gets events with their offsets`() async throws {
        try await staged { house, endpoint in
            let client = try await PollingVisitor(endpoint, on: house.loop)
            let connected = try await client.connect(["token": "owner"], to: Self.space)
            #expect(connected["sid"]?.stringValue?.count == 20 && connected["pid"]?.stringValue?.count == 32)
            #expect(try await client.json("2" + Self.space)[0] == "authenticated")
            let answer = try await client.joinParty(in: Self.space)
            house.broker.publish(Self.party, data: #"{"a":1}"#)
            let joined = try await client.json("2" + Self.space)
            #expect(joined[0] == "party_joined" && joined[1]?["partyId"] == answer[0]?["partyId"] && joined[1]?["state"] != nil)
            #expect(try await client.receive("2" + Self.space) == #"["new_photo",{"a":1},"1"]"#)
        }
    }

    @Test func `both namespaces on one session have their own identities, topics and answers`() async throws {
        try await staged { house, endpoint in
            let (client, main, party) = try await visitor(house, endpoint)
            #expect(main["sid"] != party["sid"] && main["pid"] != party["pid"])
            #expect(house.house.connections.open.total == 2)
            #expect(try await enter(client, 7, in: Self.space)?["token"] == "signed")
            // The other one is nobody, and hears nothing.
            try await client.send(#"27["join_party",{"partyId":"\#(HubTests.session)"}]"#)
            #expect(try await client.json("37")[0]?["error"]?["code"] == "not_found")
            house.broker.publish(Self.party)
            #expect(try await client.offsets(1, in: Self.space) == ["1"])
            #expect(!client.got.contains { $0.hasPrefix("2[") })
        }
    }

    @Test func `a topic that is followed in both comes in both, also what only the latest matters of`() async throws {
        try await staged { house, endpoint in
            let (client, _, _) = try await visitor(house, endpoint)
            for namespace in ["", Self.space] { _ = try await enter(client, 1, in: namespace) }
            house.broker.publish(Self.party)
            house.hub.receive(
                EphemeralEvent(topic: Self.party, name: "party_status", key: "k", data: "{}", at: Timestamp(milliseconds: 0)))
            for namespace in ["", Self.space] {
                #expect(try await client.offsets(1, in: namespace) == ["1"])
                #expect(try await client.receive(#"2\#(namespace)["party_status""#) == ",{}]")
            }
        }
    }

    @Test func `who leaves one namespace stays in the other, and may come again`() async throws {
        try await staged { house, endpoint in
            let (client, _, _) = try await visitor(house, endpoint)
            for namespace in ["", Self.space] { _ = try await enter(client, 1, in: namespace) }
            try await client.send("1/watch-party")
            house.broker.publish(Self.party)
            #expect(try await client.offsets(1) == ["1"])
            #expect(house.house.connections.open.total == 1)
            _ = try await client.connect([:], to: Self.space)
            try await client.send("1")
            #expect(try await enter(client, 2, in: Self.space)?["recovered"] == false)
            house.broker.publish(Self.party)
            #expect(try await client.offsets(1, in: Self.space) == ["2"])
            #expect(house.house.connections.open.total == 1)
        }
    }

    @Test func `who is sent away for good in one namespace goes on in the other`() async throws {
        try await staged { house, endpoint in
            let client = try await PollingVisitor(endpoint, on: house.loop)
            _ = try await client.connect(["token": "owner"])
            _ = try await client.connect([:], to: Self.space)
            _ = try await enter(client, 1, in: Self.space)
            house.hub.showOut(Eviction(target: .grant(TestDoors.grant), reason: .kicked))
            #expect(try await client.receive(#"2/watch-party,["closed","#) == #"{"code":3503,"reason":"kicked"}]"#)
            #expect(try await client.receive("1").hasPrefix("/watch-party"))
            try await client.send(#"21["ping"]"#)
            #expect(try await client.receive("31") == "[{}]")
            #expect(house.house.connections.ended == [.kicked: 1])
        }
    }

    @Test func `of a full house a client keeps what it has`() async throws {
        try await staged(maxConnections: 1) { house, endpoint in
            let client = try await PollingVisitor(endpoint, on: house.loop)
            _ = try await client.connect([:])
            try await client.send("0/watch-party,{}")
            #expect(try await client.json("4" + Self.space)["data"]?["code"] == "too_many_connections")
            try await client.send(#"21["ping"]"#)
            #expect(try await client.receive("31") == "[{}]")
        }
    }

    // MARK: Commands

    @Test(arguments: [
        ("clock", #"{"t0":1}"#, nil), ("party_clock", #"{"t0":1}"#, nil), ("join_session", "{}", "invalid_field"), ("join", "{}", "invalid_field"),
        ("leave", #"{"partyId":"\#(HubTests.session)"}"#, nil), ("chat", "{}", "unknown_type"), ("nothing", "{}", "unknown_type"),
    ] as [(String, String, String?)])
    func `commands have short names there, and nowhere else`(name: String, data: String, code: String?) async throws {
        try await staged { house, endpoint in
            let (client, _, _) = try await visitor(house, endpoint)
            try await client.send(#"2/watch-party,1["\#(name)",\#(data)]"#, #"21["\#(name)",\#(data)]"#)
            #expect(try await client.json("3/watch-party,1")[0]?["error"]?["code"] == code.map(JSONValue.string))
            let isShort = !name.contains("_")
            #expect(try await client.json("31")[0]?["error"]?["code"] == (isShort ? "unknown_type" : code.map(JSONValue.string)))
        }
    }

    @Test(arguments: ["join", "leave", "clock", "command", "status", "queue", "chat", "reaction", "send_message", "party_chat"])
    func `every command of parties has its short name`(name: String) {
        let names = ["join": "join_party", "leave": "leave_party", "send_message": "send_message", "party_chat": "party_chat"]
        #expect(SocketIONamespace.watchParty.command(name) == names[name] ?? "party_\(name)")
        #expect(SocketIONamespace.main.command(name) == name)
    }

    @Test func `the clock is told in both while another command waits`() async throws {
        try await staged { house, endpoint in
            let (waiting, goOn) = AsyncStream.makeStream(of: Void.self)
            house.states.onAsk { for await _ in waiting { return } }
            let client = try await PollingVisitor(endpoint, on: house.loop)
            for namespace in ["", Self.space] {
                _ = try await client.connect(["token": "owner"], to: namespace)
                try await client.send(#"2\#(namespace)1["join_session",{"sessionId":"\#(HubTests.session)","state":true}]"#)
                try await client.send(#"2\#(namespace)2["party_clock",{"t0":-0.5}]"#)
                let now = house.clock.now().milliseconds
                #expect(try await client.receive("3\(namespace)2") == #"[{"t0":-0.5,"t1":\#(now),"t2":\#(now)}]"#)
            }
            for namespace in ["", Self.space] {
                goOn.yield()
                _ = try await client.json("3\(namespace)1")
            }
        }
    }

    // MARK: Recovery

    @Test(arguments: [true, false])
    func `who comes back gets in each namespace what it missed there, be the loss known or not`(isKnown: Bool) async throws {
        try await staged { house, endpoint in
            let (client, main, party) = try await visitor(house, endpoint)
            for namespace in ["", Self.space] { _ = try await enter(client, 1, in: namespace) }
            house.broker.publish(Self.party)
            for namespace in ["", Self.space] { #expect(try await client.offsets(1, in: namespace) == ["1"]) }
            if isKnown { try await client.vanish() }
            for _ in 2...5 { house.broker.publish(Self.party) }
            let again = try await PollingVisitor(endpoint, on: house.loop)
            for (before, offset, namespace) in [(main, "1", ""), (party, "3", Self.space)] {
                let now = try await again.connect(["pid": before["pid"] ?? .null, "offset": .string(offset)], to: namespace)
                #expect(now["sid"] == before["sid"] && now["pid"] == before["pid"])
            }
            house.broker.publish(Self.party)
            #expect(try await again.offsets(5) == ["2", "3", "4", "5", "6"])
            #expect(try await again.offsets(3, in: Self.space) == ["4", "5", "6"])
        }
    }

    @Test func `the secret of one namespace recovers nothing in the other`() async throws {
        try await staged { house, endpoint in
            let (client, main, _) = try await visitor(house, endpoint)
            _ = try await enter(client, 1, in: "")
            house.broker.publish(Self.party)
            #expect(try await client.offsets(1) == ["1"])
            try await client.send("1/watch-party")
            let now = try await client.connect(["pid": main["pid"] ?? .null, "offset": "1"], to: Self.space)
            #expect(now["sid"] != main["sid"])
            try await client.send(#"22["ping"]"#)
            #expect(try await client.receive("32") == "[{}]")
        }
    }

    @Test func `who is recovered comes to the party like everybody else`() async throws {
        try await staged { house, endpoint in
            let (client, _, before) = try await visitor(house, endpoint)
            _ = try await enter(client, 1, in: Self.space)
            house.broker.publish(Self.party)
            #expect(try await client.offsets(1, in: Self.space) == ["1"])
            try await client.vanish()
            let calls = house.parties.calls.count
            let again = try await PollingVisitor(endpoint, on: house.loop)
            let now = try await again.connect(["pid": before["pid"] ?? .null, "offset": "1"], to: Self.space)
            #expect(now["sid"] == before["sid"])
            let guest = Principal.guest(
                GrantToken(grantID: TestDoors.grant, sessionID: HubTests.session, rights: .guest, expiresAt: Timestamp(milliseconds: .max)))
            #expect(house.parties.calls.dropFirst(calls) == [.mayEnter(guest), .entered(guest)])
        }
    }

    @Test(arguments: [true, false])
    func `who finds no place in the party any more, be it known early or late, starts over`(isEarly: Bool) async throws {
        try await staged { house, endpoint in
            let (client, _, before) = try await visitor(house, endpoint)
            _ = try await enter(client, 1, in: Self.space)
            house.broker.publish(Self.party)
            #expect(try await client.offsets(1, in: Self.space) == ["1"])
            try await client.vanish()
            if isEarly { house.parties.refuse() } else { house.parties.fail() }
            let again = try await PollingVisitor(endpoint, on: house.loop)
            let now = try await again.connect(["pid": before["pid"] ?? .null, "offset": "1"], to: Self.space)
            #expect(now["sid"] != before["sid"])
            #expect(house.house.followed.kinds.values.allSatisfy { $0 == 0 })
        }
    }

    @Test(arguments: ["revoked", "party"])
    func `who may not come to the party any more starts over`(reason: String) async throws {
        try await staged { house, endpoint in
            let (client, _, before) = try await visitor(house, endpoint)
            _ = try await enter(client, 1, in: Self.space)
            house.broker.publish(Self.party)
            #expect(try await client.offsets(1, in: Self.space) == ["1"])
            try await client.vanish()
            if reason == "revoked" { house.doors.revoke(TestDoors.grant) } else { house.doors.close([.party]) }
            let again = try await PollingVisitor(endpoint, on: house.loop)
            let now = try await again.connect(["pid": before["pid"] ?? .null, "offset": "1"], to: Self.space)
            #expect(now["sid"] != before["sid"])
        }
    }

    // MARK: Bytes

    @Test(arguments: [(SocketIONamespace.main, ""), (.watchParty, "/watch-party,")])
    func `a run is written down once for each namespace`(namespace: SocketIONamespace, prefix: String) {
        let ephemeral = EphemeralEvent(topic: Self.party, name: "party_status", key: "k", data: "[]", at: Timestamp(milliseconds: 0))
        let run = TopicRun(Self.party, [HubEvent(HubTests.event(HubTests.session, 3)), HubEvent(ephemeral)])
        let messages = run.socketIO(in: namespace).messages
        #expect(
            messages.map { String(buffer: $0.frame.getSlice(at: 2, length: $0.frame.readableBytes - 2)!) } == [
                #"42\#(prefix)["new_photo",{},"3"]"#, #"42\#(prefix)["party_status",[]]"#,
            ])
        #expect(run.socketIO(in: namespace) === run.socketIO(in: namespace))
        for (event, message) in zip(run.events, messages) {
            #expect(PreparedRun([event.socketIO(in: namespace)]).messages.first === message)
        }
    }

    /// A text frame with a mask that changes nothing.
    private static func frame(_ text: String) -> ByteBuffer {
        var bytes = ByteBuffer(bytes: [0x81, 0xFE, UInt8(text.utf8.count >> 8), UInt8(text.utf8.count & 255), 0, 0, 0, 0])
        bytes.writeString(text)
        return bytes
    }

    @Test func `over a WebSocket both namespaces are served by one connection; over /ws parties are joined and the clock is told`() async throws {
        try await RealtimeServer.run(within: .seconds(30)) { server in
            server.doors.know("owner", ClientConnectionTests.owner)
            let body = #"{"partyId":"\#(HubTests.session)"}"#.padding(130)
            let (engine, plain) = (try await ByteLine(port: server.port), try await ByteLine(port: server.port))
            try await engine.send(Self.handshake("/socket.io/?EIO=4&transport=websocket"))
            try await plain.send(Self.handshake("/ws"))
            for space in ["", Self.space] {
                try await engine.send(Self.frame("40\(space){}".padding(130)))
                try await engine.wait(for: "the namespace") { $0.contains(#"40\#(space){"sid""#) ? () : nil }
                try await engine.send(Self.frame(#"42\#(space)5["join_party",\#(body)]"#))
            }
            try await plain.send(Self.frame(#"{"type":"party_clock","id":1,"data":{"t0":0.25}}"#.padding(130)))
            try await plain.send(Self.frame(#"{"type":"join_party","id":2,"data":\#(body)}"#))
            for space in ["", Self.space] { try await engine.wait(for: "the answer") { $0.contains(#"43\#(space)5[{"epoch"#) ? () : nil } }
            try await plain.wait(for: "the answer") { $0.contains(#""id":2,"#) ? () : nil }
            server.broker.publish(Self.party)
            for space in ["", Self.space] {
                try await engine.wait(for: "the event") { $0.contains(#"42\#(space)["new_photo",{},"1"]"#) ? () : nil }
            }
            let text = try await plain.wait(for: "the event") { $0.contains(#""topic":"\#(Self.party.name)","offset":1"#) ? $0 : nil }
            #expect(text.contains(/"data":{"t0":0\.25,"t1":[0-9]{13},"t2":[0-9]{13}},"id":1/))
            await engine.cut()
            await plain.cut()
        }
    }

    private static func handshake(_ path: String) -> ByteBuffer {
        ByteBuffer(
            string: """
                GET \(path) HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer owner\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
                """)
    }
}

extension String {
    /// Spaces, which JSON lets pass at its end.
    fileprivate func padding(_ length: Int) -> String { self + String(repeating: " ", count: max(0, length - utf8.count)) }
}
