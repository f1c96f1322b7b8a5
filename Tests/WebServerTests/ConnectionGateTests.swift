import Core
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import WebServer

/// A connection of which only the routes are missing: bytes on one side, request parts on the other.
struct GateFixture {
    let channel = EmbeddedChannel()

    /// - Parameter direct: answers what it can.
    init(sendsFiles: Bool = true, direct: (any DirectResponder)? = nil, _ configure: (inout ConnectionLimits) -> Void = { _ in }) throws {
        var configuration = HTTPServerChannel.Configuration()
        configuration.sendsFiles = sendsFiles
        configuration.direct = direct.map { DirectDesk($0, origins: .any, logger: Logger(label: "test")) }
        configure(&configuration.limits)
        try channel.pipeline.syncOperations.addHandler(HalfCloser())
        try HTTPCodec.install(on: channel, configuration, nil, Logger(label: "test"))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    func send(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }

    /// The request parts that reached the routes, in short.
    func requests() throws -> [String] {
        var parts: [String] = []
        while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
            switch part {
            case .head(let head): parts.append("\(head.method) \(head.uri)")
            case .body(let bytes): parts.append(String(buffer: bytes))
            case .end: parts.append("end")
            }
        }
        return parts
    }

    func answer(_ status: HTTPResponseStatus, _ headers: HTTPHeaders = [:], _ body: String = "") throws {
        try channel.writeOutbound(HTTPServerResponsePart.head(.init(version: .http1_1, status: status, headers: headers)))
        if !body.isEmpty { try channel.writeOutbound(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: body)))) }
        try channel.writeOutbound(HTTPServerResponsePart.end(nil))
    }

    /// What the client has got since the last call.
    func received() throws -> String {
        var text = ""
        while let data = try channel.readOutbound(as: IOData.self) {
            if case .byteBuffer(let bytes) = data { text += String(buffer: bytes) }
        }
        return text
    }

    func pass(_ time: TimeAmount) { channel.embeddedEventLoop.advanceTime(by: time) }
}

/// `EmbeddedChannel` closes altogether when its output is closed, and keeps files for whoever reads what was written; a
/// socket closes one side, and has sent a file when it says so.
private final class HalfCloser: ChannelOutboundHandler {
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .output { promise?.succeed(()) } else { context.close(mode: mode, promise: promise) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .fileRegion(let region) = unwrapOutboundIn(data) else { return context.write(data, promise: promise) }
        do {
            context.write(NIOAny(IOData.byteBuffer(ByteBuffer(string: try region.text))), promise: promise)
        } catch {
            promise?.fail(error)
        }
    }
}

/// A request that no route may see, and what the client is told.
struct Refused: CustomTestStringConvertible {
    var request: String
    var status: String
    var code: String

    init(_ request: String, _ status: String, _ code: String) {
        self.request = request
        self.status = status
        self.code = code
    }

    var testDescription: String { "\(status) \(code)" }

    static let all = [
        Refused("GET / HTTP/1.1\r\n\r\n", "400 Bad Request", "bad_host"),
        Refused("rubbish\r\n\r\n", "400 Bad Request", "bad_request"),
        Refused("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400 Bad Request", "bad_"),
        Refused("POST / HTTP/1.1\r\nHost: x\r\nExpect: cake\r\nContent-Length: 1\r\n\r\n", "417 Expectation Failed", "unknown_expectation"),
        Refused("GET / HTTP/1.1\r\nHost: x\r\nBig: \(String(repeating: "a", count: 17000))\r\n\r\n", "431", "header_too_large"),
        Refused("GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\nHost: x\r\n\r\n", "414", "target_too_long"),
    ]
}

@Suite("Connection gate")
struct ConnectionGateTests {
    @Test("a request goes up, its answer comes down, and the connection stays")
    func exchange() throws {
        let gate = try GateFixture()
        try gate.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try gate.requests() == ["GET /a", "end"])
        try gate.answer(.ok, ["Content-Length": "2"], "hi")
        #expect(try gate.received() == "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        #expect(gate.channel.isActive)
        try gate.send("GET /b HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try gate.requests() == ["GET /b", "end"])
    }

    @Test("pipelined requests go up one at a time")
    func pipelining() throws {
        let gate = try GateFixture()
        try gate.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\nGET /c HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try gate.requests() == ["GET /a", "end"])
        try gate.answer(.noContent)
        #expect(try gate.requests() == ["GET /b", "end"])
        try gate.answer(.noContent)
        #expect(try gate.requests() == ["GET /c", "end"])
    }

    @Test("rubbish after a request is refused only after that request's answer")
    func pipelinedRubbish() throws {
        let gate = try GateFixture()
        try gate.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\nrubbish\r\n\r\n")
        #expect(try gate.requests() == ["GET /a", "end"])
        #expect(try gate.received() == "")
        try gate.answer(.noContent)
        let text = try gate.received()
        #expect(text.hasPrefix("HTTP/1.1 204 No Content\r\n"))
        #expect(text.contains("HTTP/1.1 400 Bad Request\r\n"))
        #expect(text.contains(#""code":"bad_request""#))
    }

    @Test("what breaks the protocol gets a problem and no route sees it", arguments: Refused.all)
    func refusals(_ refused: Refused) throws {
        let gate = try GateFixture()
        try gate.send(refused.request)
        #expect(try gate.requests() == [])
        let text = try gate.received()
        #expect(text.hasPrefix("HTTP/1.1 \(refused.status)"), "\(text)")
        #expect(text.contains("application/problem+json") && text.contains(refused.code), "\(text)")
        #expect(text.lowercased().contains("connection: close"))
        gate.pass(.seconds(2))
        #expect(!gate.channel.isActive)
    }

    @Test("a hundred header fields are enough")
    func headerCount() throws {
        let gate = try GateFixture()
        let fields = (0..<150).map { "A\($0): b\r\n" }.joined()
        try gate.send("GET / HTTP/1.1\r\nHost: x\r\n\(fields)\r\n")
        #expect(try gate.received().hasPrefix("HTTP/1.1 431"))
    }

    @Test("an early answer closes: further input is thrown away, and no second request is taken")
    func earlyAnswer() throws {
        let gate = try GateFixture()
        try gate.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc")
        #expect(try gate.requests() == ["POST /a", "abc"])
        try gate.answer(.payloadTooLarge, ["Content-Length": "0"])
        #expect(try gate.received().lowercased().contains("connection: close"))
        try gate.send(String(repeating: "x", count: 997) + "GET /b HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try gate.requests() == [])
        #expect(gate.channel.isActive)
        gate.pass(.seconds(1))
        #expect(!gate.channel.isActive)
    }

    @Test("100 Continue is sent once, when a route wants the body")
    func continues() throws {
        let gate = try GateFixture()
        try gate.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        #expect(try gate.received() == "")
        try gate.channel.triggerUserOutboundEvent(BodyAccepted()).wait()
        try gate.channel.triggerUserOutboundEvent(BodyAccepted()).wait()
        #expect(try gate.received() == "HTTP/1.1 100 Continue\r\n\r\n")
        try gate.send("hi")
        #expect(try gate.requests() == ["POST /", "hi", "end"])
        try gate.answer(.noContent)
        #expect(try gate.received() == "HTTP/1.1 204 No Content\r\n\r\n")
        #expect(gate.channel.isActive)
    }

    @Test("100 Continue is not sent to a client that did not ask or has begun")
    func noContinue() throws {
        let gate = try GateFixture()
        try gate.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nh")
        try gate.channel.triggerUserOutboundEvent(BodyAccepted()).wait()
        try gate.send("iPOST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n")
        try gate.answer(.noContent)
        try gate.channel.triggerUserOutboundEvent(BodyAccepted()).wait()
        #expect(try gate.received() == "HTTP/1.1 204 No Content\r\n\r\n")
    }

    @Test("an HTTP/1.0 client gets no chunks, and the end of the connection as the end of the body")
    func http10() throws {
        let gate = try GateFixture()
        try gate.send("GET / HTTP/1.0\r\n\r\n")
        try gate.answer(.ok, [:], "hi")
        let text = try gate.received()
        #expect(!text.contains("chunked") && text.hasSuffix("\r\n\r\nhi"))
        gate.pass(.seconds(1))
        #expect(!gate.channel.isActive)
    }

    @Test("an HTTP/1.0 client that asks keeps its connection")
    func http10KeepAlive() throws {
        let gate = try GateFixture()
        try gate.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        try gate.answer(.ok, ["Content-Length": "2"], "hi")
        #expect(try gate.received().contains("connection: keep-alive"))
        gate.pass(.seconds(2))
        #expect(gate.channel.isActive)
    }

    @Test("the answer to HEAD has no body, whatever the route wrote")
    func headRequest() throws {
        let gate = try GateFixture()
        try gate.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
        try gate.answer(.ok, ["Content-Length": "2"], "hi")
        #expect(try gate.received() == "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
    }

    @Test("a slow head is answered 408 and cut")
    func slowHead() throws {
        let gate = try GateFixture()
        try gate.send("GET / HT")
        gate.pass(.seconds(9))
        try gate.send("TP/1.1\r\n")
        gate.pass(.seconds(1))
        #expect(try gate.received().hasPrefix("HTTP/1.1 408"))
        gate.pass(.seconds(1))
        #expect(!gate.channel.isActive)
    }

    @Test("a silent connection is closed without a word")
    func silence() throws {
        let gate = try GateFixture()
        gate.pass(.seconds(10))
        #expect(!gate.channel.isActive)
        #expect(try gate.received() == "")
    }

    @Test("a body that stops is cut, and the route hears of it as an error")
    func stalledBody() throws {
        let gate = try GateFixture()
        try gate.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
        gate.channel.read()
        gate.pass(.seconds(29))
        #expect(gate.channel.isActive)
        gate.pass(.seconds(1))
        #expect(!gate.channel.isActive)
        #expect(throws: HTTPParserError.self) { try gate.channel.throwIfErrorCaught() }
    }

    @Test("a connection drains: idle at once, busy after the answer")
    func drains() throws {
        let idle = try GateFixture()
        idle.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(!idle.channel.isActive)

        let busy = try GateFixture()
        try busy.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        busy.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(busy.channel.isActive)
        try busy.answer(.noContent)
        #expect(try busy.received().contains("connection: close"))
        busy.pass(.seconds(1))
        #expect(!busy.channel.isActive)
    }

    @Test("an offer of h2c is answered as plain HTTP, then the connection closes")
    func h2c() throws {
        let gate = try GateFixture()
        try gate.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n")
        #expect(try gate.requests() == ["GET /", "end"])
        try gate.answer(.ok, ["Content-Length": "2"], "hi")
        let text = try gate.received()
        #expect(text.hasPrefix("HTTP/1.1 200 OK") && text.contains("connection: close") && text.hasSuffix("hi"))
    }
}
