import Core
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import Realtime

@Suite("Server-sent events")
struct EventStreamWireTests {
    /// A stream in the pipeline of a connection, with a look at what leaves.
    private final class Stage {
        let channel = EmbeddedChannel()
        let house: TestHouse
        let client: ClientConnection
        let wire: EventStreamWire
        private(set) var isFinished = false

        init() throws {
            house = TestHouse(group: channel.embeddedEventLoop)
            try channel.connect(to: SocketAddress(unixDomainSocketPath: "/client")).wait()
            let shard = try #require(house.hub.shard(of: channel.eventLoop))
            client = ClientConnection(
                house: house.house, shard: shard, identity: Identity(principal: .anonymous, expiresAt: nil), address: "192.0.2.1")
            wire = EventStreamWire(client, on: channel.eventLoop)
            client.opened(over: wire)
        }

        func begin() {
            wire.begin(on: channel).assumeIsolated().whenComplete { _ in self.isFinished = true }
            turn()
        }
        func turn() { channel.embeddedEventLoop.run() }
        func setWritable(_ isWritable: Bool) {
            channel.isWritable = isWritable
            channel.pipeline.fireChannelWritabilityChanged()
            turn()
        }

        /// What has left since the last call.
        func sent() throws -> String {
            var text = ""
            while case .body(let bytes)? = try channel.readOutbound(as: HTTPResponsePart.self) { text += String(buffer: bytes) }
            return text
        }

        var isGone: Bool { !house.hub.shard(of: channel.eventLoop)!.hasFollowers(of: HubInboxTests.one) && !house.house.connections.isFull }
    }

    /// - Parameter offset: `nil`: what was missed comes next.
    private static func joined(_ offset: Int64? = 7) throws -> DirectMessage {
        try DirectMessage(RealtimeEvents.sessionJoined, JSONValue.null, epoch: "e.1", offset: offset)
    }

    @Test func `hears what is said to everybody, and says in JSON why it ends, whatever the reason`() throws {
        let stage = try Stage()
        stage.wire.tell(try Self.joined())
        stage.house.hub.receive(try Announcement(message: "one\ntwo", level: .info).event(at: Timestamp(milliseconds: 0)))
        stage.turn()
        stage.begin()
        let text = try stage.sent()
        #expect(text.contains("event: announcement\ndata: {\"level\":\"info\",\"message\":\"one\\ntwo\"}\n\n"))
        stage.client.showOut(Eviction(target: .address(IPAddress("192.0.2.1")!), reason: CloseReason(code: CloseReason.kicked.code, text: "\"no\"\n")))
        stage.turn()
        #expect(try stage.sent() == "event: closed\ndata: {\"code\":3503,\"reason\":\"\\\"no\\\"\\n\"}\n\n")
        #expect(stage.isFinished && stage.house.house.connections.ended == [.kicked: 1])
    }

    @Test func `what waited for the answer to begin leaves with it: how to come back, where the client is, what happens`() throws {
        let stage = try Stage()
        stage.wire.tell(try Self.joined())
        stage.wire.send(HubInboxTests.durable(8, bytes: 2))
        stage.begin()
        stage.wire.send(HubInboxTests.ephemeral(bytes: 2))
        stage.turn()
        let text = try stage.sent()
        #expect(text.hasPrefix("retry: 2000\n\nid: e.1:7\nevent: session_joined\ndata: null\n\n"))
        #expect(text.hasSuffix("null\n\nid: e.1:8\nevent: durable\ndata: aa\n\nevent: ephemeral\ndata: bb\n\n"))
        _ = try stage.channel.finish(acceptAlreadyClosed: true)
    }

    @Test func `who is to get what was missed keeps the place it had until it has that`() throws {
        let stage = try Stage()
        stage.begin()
        stage.wire.tell(try Self.joined(nil))
        stage.turn()
        #expect(try !stage.sent().contains("id:"))
        _ = try stage.channel.finish(acceptAlreadyClosed: true)
    }

    @Test func `a run leaves in one write where there is room, and not before what waits`() throws {
        let stage = try Stage()
        stage.begin()
        stage.wire.tell(try Self.joined())
        stage.turn()
        _ = try stage.sent()
        let run = TopicRun(HubInboxTests.one, [HubInboxTests.durable(8, bytes: 1), HubInboxTests.durable(9, bytes: 1)])
        #expect(stage.wire.write(run))
        stage.wire.flush()
        #expect(try stage.sent() == "id: e.1:8\nevent: durable\ndata: a\n\nid: e.1:9\nevent: durable\ndata: a\n\n")
        stage.setWritable(false)
        #expect(!stage.wire.write(run))
        stage.wire.send(HubInboxTests.durable(10, bytes: 1))
        stage.channel.isWritable = true
        #expect(!stage.wire.write(run))
        _ = try stage.channel.finish(acceptAlreadyClosed: true)
    }

    @Test func `a slow reader gets the latest of what is worth something only now, and everything else`() throws {
        let stage = try Stage()
        stage.begin()
        _ = try stage.sent()
        stage.setWritable(false)
        for number in 1...3 {
            stage.wire.send(HubInboxTests.ephemeral(bytes: number))
            stage.wire.send(HubInboxTests.durable(Int64(number), bytes: number))
        }
        stage.setWritable(true)
        let data = try stage.sent().split(separator: "\n").filter { $0.hasPrefix("data: ") }.map { $0.dropFirst(6) }
        #expect(data == ["a", "aa", "bbb", "aaa"])
        _ = try stage.channel.finish(acceptAlreadyClosed: true)
    }

    @Test func `one that is too slow is told so, and its stream ends`() throws {
        let stage = try Stage()
        stage.begin()
        _ = try stage.sent()
        stage.setWritable(false)
        for offset in 1...20 { stage.wire.send(HubInboxTests.durable(Int64(offset), bytes: 60_000)) }
        #expect(!stage.isFinished)
        stage.setWritable(true)
        #expect(try stage.sent() == "event: closed\ndata: {\"code\":3008,\"reason\":\"slow\"}\n\n")
        #expect(stage.isFinished)
        _ = try stage.channel.finish(acceptAlreadyClosed: true)
    }

    @Test func `one that does not take even its end is cut off`() throws {
        let stage = try Stage()
        stage.begin()
        stage.setWritable(false)
        stage.wire.close(.revoked)
        #expect(stage.channel.isActive && !stage.isFinished)
        stage.channel.embeddedEventLoop.advanceTime(by: EventStreamWire.farewell)
        #expect(!stage.channel.isActive && stage.isFinished)
    }

    @Test func `a server that ends says so; the connection may have other requests`() throws {
        let stage = try Stage()
        stage.begin()
        _ = try stage.sent()
        stage.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        stage.turn()
        #expect(try stage.sent().contains(#"{"code":1001,"#))
        #expect(stage.isFinished && stage.channel.isActive)
        #expect(throws: (any Error).self) { try stage.channel.pipeline.syncOperations.context(handlerType: EventStreamWire.self) }
        _ = try stage.channel.finish(acceptAlreadyClosed: true)
    }

    @Test func `comments keep a quiet stream alive`() throws {
        let stage = try Stage()
        // Who follows nothing would be sent away.
        try stage.client.follow(HubInboxTests.one)
        stage.begin()
        _ = try stage.sent()
        stage.channel.embeddedEventLoop.advanceTime(by: EventStreamWire.heartbeat)
        stage.channel.embeddedEventLoop.advanceTime(by: EventStreamWire.heartbeat)
        stage.turn()
        #expect(try stage.sent() == ":\n\n:\n\n")
        _ = try stage.channel.finish(acceptAlreadyClosed: true)
    }

    @Test(arguments: [true, false])
    func `a client that goes away leaves nothing behind, before its answer began or later`(hasBegun: Bool) throws {
        let stage = try Stage()
        try stage.client.follow(HubInboxTests.one)
        if hasBegun { stage.begin() }
        if hasBegun { _ = try stage.channel.finish(acceptAlreadyClosed: true) } else { stage.wire.abandon() }
        stage.turn()
        #expect(stage.isGone && stage.isFinished == hasBegun)
        stage.wire.send(HubInboxTests.durable(1))
        #expect(!stage.wire.write(TopicRun(HubInboxTests.one, [HubInboxTests.durable(1)])))
    }

    @Test(arguments: [("e.1:7", "e.1", 7), ("a:b:0", "a:b", 0)] as [(String, String, Int64)])
    func `a place is an epoch and an offset`(text: String, epoch: String, offset: Int64) throws {
        let place = try #require(EventStream.place(text))
        #expect(place.epoch == epoch && place.offset == offset)
    }

    @Test(arguments: ["", "7", "e:", "e:-1", "e:x", "e:99999999999999999999"])
    func `anything else is none`(text: String) { #expect(EventStream.place(text) == nil) }
}
