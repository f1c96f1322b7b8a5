import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOWebSocket
import Testing

@testable import Sockets

@Suite("Sessions of Engine.IO, with their effects")
struct EngineSessionTests {
    static func echo() -> EngineOwner {
        let owner = EngineOwner()
        owner.onText = { text, session in session.send(.text(ByteBuffer(string: text))) }
        return owner
    }

    @Test("a polling session from its opening to its end")
    func polling() throws {
        let owner = Self.echo()
        let harness = EngineHarness(owner: owner)
        let session = try harness.open()
        #expect(session.count == 32 && harness.server.sessionCount == 1)
        let poll = harness.poll(session)
        #expect(poll.response == nil)
        #expect(harness.post(session, "4a\u{1E}bAQID\u{1E}4b").body == "ok")
        #expect(poll.body == "4a\u{1E}bAQID\u{1E}4b")
        #expect(poll.response?.headers["Content-Type"] == ["text/plain; charset=UTF-8"])
        let last = harness.poll(session)
        #expect(harness.post(session, "1").body == "ok" && last.body == "6")
        #expect(harness.poll(session).status == .badRequest && harness.server.sessionCount == 0)
        #expect(owner.ends == [.client] && owner.session?.isOpen == false)
    }

    @Test("two polls at a time, or two posts, end the session", arguments: [HTTPMethod.GET, .POST])
    func overlap(method: HTTPMethod) throws {
        let owner = EngineOwner()
        let harness = EngineHarness(owner: owner)
        let query = "transport=polling&sid=" + (try harness.open())
        let first = harness.begin(query, method)
        #expect(first.response == nil)
        #expect(harness.begin(query, method).status == .badRequest)
        #expect(method == .GET ? first.body == "1" : first.status == .badRequest)
        #expect(harness.begin(query).status == .badRequest && owner.ends == [.polling])
    }

    @Test("requests that nobody waits for end the session; answered ones do not", arguments: [HTTPMethod.GET, .POST])
    func abort(method: HTTPMethod) throws {
        let owner = EngineOwner()
        let harness = EngineHarness(owner: owner)
        let session = try harness.open()
        let answered = harness.poll(session)
        owner.session?.send(EngineFixture.frame("x"))
        #expect(answered.body == "4x")
        let posted = harness.post(session, "4y")
        answered.exchange.abort()
        posted.exchange.abort()
        #expect(owner.session?.isOpen == true)
        let request = harness.begin("transport=polling&sid=" + session, method)
        #expect(request.response == nil)
        request.exchange.abort()
        #expect(request.status == .badRequest && owner.ends == [.polling] && harness.server.sessionCount == 0)
        request.exchange.finish(ByteBuffer(string: "4late"))
        #expect(owner.received == ["y"])
    }

    @Test("a session that nobody keeps alive ends by itself")
    func pingTimeout() throws {
        let owner = EngineOwner()
        let harness = EngineHarness(owner: owner)
        let session = try harness.open()
        let poll = harness.poll(session)
        harness.eventLoop.advanceTime(by: .milliseconds(300))
        #expect(poll.body == "2")
        #expect(harness.post(session, "3").body == "ok")
        harness.eventLoop.advanceTime(by: .milliseconds(300))
        #expect(harness.poll(session).body == "2")
        let last = harness.poll(session)
        harness.eventLoop.advanceTime(by: .milliseconds(200))
        #expect(last.body == "1" && owner.ends == [.pingTimeout] && harness.server.sessionCount == 0)
    }

    @Test("an owner that closes gets nothing more, and is told when its own call is over")
    func ownerCloses() throws {
        let owner = EngineOwner()
        owner.onText = { [unowned owner] _, session in
            session.close(code: .goingAway)
            #expect(owner.ends.isEmpty && !session.isOpen)
        }
        let harness = EngineHarness(owner: owner)
        let session = try harness.open()
        #expect(harness.post(session, "4a\u{1E}4b").body == "ok")
        #expect(owner.received == ["a"] && owner.ends == [.server(.goingAway, "")])
        #expect(harness.poll(session).body == "1" && harness.server.sessionCount == 0)
    }

    @Test("there are only so many sessions, and none after the shutdown")
    func bounds() throws {
        var configuration = EngineFixture.configuration
        configuration.maxSessions = 2
        let owner = EngineOwner()
        let harness = EngineHarness(owner: owner, configuration: configuration)
        let sessions = [try harness.open(), try harness.open()]
        #expect(harness.begin("transport=polling").status == .serviceUnavailable)
        harness.server.shutdown()
        harness.eventLoop.run()
        #expect(owner.ends.count == 2 && harness.poll(sessions[0]).body == "1")
        #expect(harness.begin("transport=polling").status == .serviceUnavailable)
        harness.eventLoop.advanceTime(by: .seconds(10))
        #expect(harness.server.sessionCount == 0)
    }

    @Test("those who are counted as one have only so many sessions, and get room again when one ends")
    func perAddress() throws {
        var configuration = EngineFixture.configuration
        configuration.maxSessionsPerAddress = 2
        let owner = EngineOwner()
        let harness = EngineHarness(owner: owner, configuration: configuration)
        let sessions = [try harness.open(from: "a"), try harness.open(from: "a")]
        let refused = harness.begin("transport=polling", from: "a")
        #expect(refused.status == .tooManyRequests && refused.body?.contains("Too many sessions from this address") == true)
        let socket = try EngineSocketHarness(try delegate(harness.server, "transport=websocket", from: "a"), harness)
        #expect(try socket.sent() == ["close 3013"] && harness.server.sessionCount == 2)
        _ = try harness.open(from: "b")
        for _ in 0..<3 { _ = try harness.open() }
        let poll = harness.poll(sessions[0])
        #expect(harness.post(sessions[0], "1").body == "ok" && poll.body == "6")
        _ = try harness.open(from: "a")
        #expect(harness.begin("transport=polling", from: "a").status == .tooManyRequests)
    }

    @Test("a backlog in one post is answered late, and an end answers it at once", arguments: [true, false])
    func backlog(ends: Bool) throws {
        let owner = EngineOwner()
        let harness = EngineHarness(owner: owner)
        let session = try harness.open()
        let poll = harness.poll(session)
        let post = harness.post(session, String(repeating: "4\u{1E}", count: 24) + "4")
        #expect(owner.received.count == 25 && post.response == nil)
        post.exchange.finish(ByteBuffer(string: "4again"))
        if ends {
            owner.session?.close(code: .goingAway)
            #expect(post.body == "ok" && poll.body == "1")
        } else {
            harness.eventLoop.advanceTime(by: .milliseconds(100))
            #expect(post.body == "ok" && harness.post(session, "4").response == nil)
        }
        #expect(owner.received.contains("again") == false)
    }

    @Test("a session that is never polled is gone after ten seconds")
    func neverPolled() throws {
        var configuration = EngineFixture.configuration
        configuration.pingInterval = .seconds(25)
        let owner = EngineOwner()
        let harness = EngineHarness(owner: owner, configuration: configuration)
        _ = try harness.open()
        harness.eventLoop.advanceTime(by: .seconds(9))
        #expect(harness.server.sessionCount == 1)
        harness.eventLoop.advanceTime(by: .seconds(1))
        #expect(owner.ends == [.polling] && harness.server.sessionCount == 0)
    }

    @Test("preflights and answers tell other origins that they may read")
    func crossOrigin() throws {
        let harness = EngineHarness(owner: EngineOwner())
        let headers: HTTPHeaders = ["Origin": "https://page.example"]
        let preflight = harness.begin("transport=polling", .OPTIONS, headers: headers).response
        #expect(preflight?.status == .noContent && preflight?.headers["Access-Control-Allow-Methods"] == ["GET, POST"])
        let refusal = harness.begin("transport=abc", headers: headers).response
        #expect(refusal?.headers["Access-Control-Allow-Origin"] == ["https://page.example"])
    }

    // MARK: WebSockets

    func delegate(
        _ server: EngineServer, _ query: String, from address: String? = nil
    ) throws -> any WebSocketConnectionDelegate {
        guard case .accept(let make) = server.upgrade(EngineHarness.opening(query, from: address)) else {
            throw ChannelError.connectPending
        }
        return make()
    }

    @Test("a session that begins on a WebSocket, and its heartbeat")
    func webSocket() throws {
        let owner = Self.echo()
        let harness = EngineHarness(owner: owner)
        let socket = try EngineSocketHarness(try delegate(harness.server, "transport=websocket"), harness)
        #expect(try socket.sent().first?.contains(#""upgrades":[]"#) == true)
        try socket.receive(clientText("4hello"), clientBytes(.binary, [1, 2]))
        #expect(try socket.sent() == ["4hello", "[1, 2]"] && owner.session?.isWebSocket == true)
        socket.advance(.milliseconds(300))
        #expect(try socket.sent() == ["2"])
        try socket.receive(clientText("3"))
        socket.advance(.milliseconds(300))
        #expect(try socket.sent() == ["2"])
        socket.advance(.milliseconds(200))
        #expect(try socket.sent() == ["close 3012"])
        #expect(owner.ends == [.pingTimeout] && harness.server.sessionCount == 0)
    }

    @Test("a client upgrades and keeps what waited")
    func upgrade() throws {
        let owner = Self.echo()
        let harness = EngineHarness(owner: owner)
        let session = try harness.open()
        let poll = harness.poll(session)
        let socket = try EngineSocketHarness(try delegate(harness.server, "transport=websocket&sid=" + session), harness)
        try socket.receive(clientText("2probe"))
        #expect(try socket.sent() == ["3probe"] && poll.body == "6")
        owner.session?.send(EngineFixture.frame("waits"))
        try socket.receive(clientText("5"), clientText("4hello"))
        #expect(try socket.sent() == ["4waits", "4hello"] && harness.poll(session).status == .badRequest)
        let second = try EngineSocketHarness(try delegate(harness.server, "transport=websocket&sid=" + session), harness)
        #expect(try second.sent() == ["close 1002"])
        try socket.receive(clientBytes(.connectionClose, [0x03, 0xE9]))
        #expect(owner.ends == [.webSocket(.goingAway)] && harness.server.sessionCount == 0)
    }

    @Test("what is sent before the owner closes during an upgrade arrives on the WebSocket that the client switches to")
    func closeWhileUpgrading() throws {
        let owner = EngineOwner()
        let harness = EngineHarness(owner: owner)
        let session = try harness.open()
        let socket = try EngineSocketHarness(try delegate(harness.server, "transport=websocket&sid=" + session), harness)
        try socket.receive(clientText("2probe"))
        owner.session?.send(EngineFixture.frame("last words"))
        owner.session?.close(code: WebSocketCloseCode(rawValue: 3500), reason: "revoked")
        #expect(try socket.sent() == ["3probe"] && harness.server.sessionCount == 1)
        try socket.receive(clientText("5"))
        #expect(try socket.sent() == ["4last words", "close 3500"] && harness.server.sessionCount == 0)
        #expect(owner.ends.count == 1)
    }

    @Test("WebSockets without a session to go to are refused before they open", arguments: ["sid=nobody", "sid="])
    func unknownSession(query: String) {
        let harness = EngineHarness(owner: EngineOwner())
        guard case .refuse(let refusal) = harness.server.upgrade(EngineHarness.opening("transport=websocket&" + query)) else {
            Issue.record("accepted")
            return
        }
        #expect(refusal == .unknownSession && refusal.status == .badRequest)
    }

    @Test("a reader too slow for the bound ends its session as slow")
    func slow() throws {
        let owner = EngineOwner()
        let harness = EngineHarness(owner: owner)
        let socket = try EngineSocketHarness(try delegate(harness.server, "transport=websocket"), harness)
        socket.setWritable(false)
        for _ in 0..<3 { owner.session?.send(EngineFixture.frame(String(repeating: "x", count: 400))) }
        socket.turn()
        #expect(owner.ends == [.slow] && harness.server.sessionCount == 0)
    }
}

/// A WebSocket of a session that lives on an event loop of its own kind: both are driven by the same thread.
final class EngineSocketHarness {
    private let channel: EmbeddedChannel
    private let harness: EngineHarness

    init(_ delegate: any WebSocketConnectionDelegate, _ harness: EngineHarness) throws {
        self.harness = harness
        channel = EmbeddedChannel(handler: TransportProbe(), loop: harness.eventLoop)
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/client")).wait()
        try WebSocketPipeline.install(on: channel, configuration: harness.server.configuration.webSocket, delegate: delegate)
    }

    func turn() { harness.eventLoop.run() }
    func advance(_ time: TimeAmount) { harness.eventLoop.advanceTime(by: time) }

    func receive(_ frames: ByteBuffer...) throws {
        for frame in frames { try channel.writeInbound(frame) }
        turn()
    }

    func setWritable(_ isWritable: Bool) {
        channel.isWritable = isWritable
        channel.pipeline.fireChannelWritabilityChanged()
        turn()
    }

    /// The frames flushed since the last call: texts, bytes and close codes.
    func sent() throws -> [String] {
        turn()
        var bytes = ByteBuffer()
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { bytes.writeImmutableBuffer(buffer) }
        return try #require(ServerFrame.parse(bytes)).map { frame in
            switch frame.opcode {
            case .text: String(decoding: frame.payload, as: UTF8.self)
            case .connectionClose: "close \(Int(frame.payload[0]) << 8 + Int(frame.payload[1]))"
            default: "\(frame.payload)"
            }
        }
    }
}
