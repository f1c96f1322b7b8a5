import NIOCore
import NIOHTTP1
import NIOWebSocket
import Testing

@testable import Sockets

@Suite("Packets and payloads of Engine.IO")
struct EngineCodecTests {
    static func bytes(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

    @Test(
        "packets that are text",
        arguments: [
            ("0", .open), ("1", .close), ("2", .ping(ByteBuffer())), ("2probe", .ping(bytes("probe"))), ("3", .pong),
            ("3probe", .pong), ("4", .text(ByteBuffer())), ("4Lumière", .text(bytes("Lumière"))), ("42[]", .text(bytes("2[]"))),
            ("4bAQ==", .text(bytes("bAQ=="))), ("5", .upgrade), ("6", .noop),
            ("", nil), ("7", nil), ("abc", nil), (" 4", nil), ("bAQ==", nil), ("\u{1E}", nil),
        ] as [(String, EnginePacket?)])
    func packets(text: String, expected: EnginePacket?) {
        #expect(EnginePacket(text: Self.bytes(text)) == expected)
    }

    @Test(
        "polling bodies, read whole or not at all",
        arguments: [
            ("4hello", [.text(bytes("hello"))]),
            ("4a\u{1E}4b\u{1E}4c", [.text(bytes("a")), .text(bytes("b")), .text(bytes("c"))]),
            ("4hello\u{1E}bAQIDBA==", [.text(bytes("hello")), .binary(ByteBuffer(bytes: [1, 2, 3, 4]))]),
            ("b", [.binary(ByteBuffer())]), ("2probe\u{1E}6", [.ping(bytes("probe")), .noop]),
            ("", nil), ("4a\u{1E}", nil), ("\u{1E}4a", nil), ("4a\u{1E}\u{1E}4b", nil), ("4a\u{1E}abc", nil), ("bAQIDBA", nil),
            ("bAQ=", nil), ("b====", nil), ("bAQ==AQ==", nil), ("bA\n==", nil), ("4\u{1E}4\u{1E}4\u{1E}4\u{1E}4\u{1E}4", nil),
        ] as [(String, [EnginePacket]?)])
    func payloads(body: String, expected: [EnginePacket]?) {
        #expect(EnginePayload.decode(Self.bytes(body), maxPackets: 5) == expected)
    }

    @Test("a body that is not UTF-8 is no payload", arguments: [[0x34, 0xFF], [0x34, 0xC3], [0x34, 0xC3, 0x1E, 0x34]] as [[UInt8]])
    func notUTF8(body: [UInt8]) { #expect(EnginePayload.decode(ByteBuffer(bytes: body), maxPackets: 5) == nil) }

    @Test("a slice of a buffer is read like a buffer of its own")
    func slice() {
        var whole = Self.bytes("xx4a\u{1E}bAQ==yy")
        whole.moveReaderIndex(forwardBy: 2)
        let body = whole.readSlice(length: 8)
        #expect(body.flatMap { EnginePayload.decode($0, maxPackets: 5) } == [.text(Self.bytes("a")), .binary(ByteBuffer(bytes: [1]))])
    }

    @Test("one frame serves both transports", arguments: [0, 1, 124, 125, 126, 65_534, 65_535, 70_000])
    func frames(length: Int) {
        let content = [UInt8](repeating: 0x61, count: length)
        let text = EngineFrame.text(ByteBuffer(bytes: content))
        #expect(text.piece == ByteBuffer(bytes: [0x34] + content))
        #expect(ServerFrame.parse(text.webSocket) == [ServerFrame(opcode: .text, payload: [0x34] + content)])
        let binary = EngineFrame.binary(ByteBuffer(bytes: content))
        #expect(ServerFrame.parse(binary.webSocket) == [ServerFrame(opcode: .binary, payload: content)])
        #expect(EnginePacket(piece: binary.piece) == .binary(ByteBuffer(bytes: content)))
    }

    @Test("text for polling is a slice of the WebSocket frame, not a copy")
    func noCopy() {
        let frame = EngineFrame.text(ByteBuffer(repeating: 0x61, count: 1000))
        let start = { (buffer: ByteBuffer) in buffer.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) } }
        #expect(start(frame.piece) == start(frame.webSocket) + 4)
    }

    @Test("the frames of a poll are joined in order")
    func join() {
        let frames = [EngineFrame.ping, .text(Self.bytes("a")), .binary(ByteBuffer(bytes: [1])), .noop, .close]
        #expect(EnginePayload.join(frames) == Self.bytes("2\u{1E}4a\u{1E}bAQ==\u{1E}6\u{1E}1"))
        #expect(EnginePayload.join([.probeAnswer]) == Self.bytes("3probe"))
        #expect(EnginePayload.join([]).readableBytes == 0)
    }

    @Test("the handshake tells the limits in milliseconds and bytes")
    func handshake() {
        var configuration = EngineConfiguration()
        configuration.pingInterval = .milliseconds(300)
        configuration.pingTimeout = .milliseconds(200)
        configuration.maxPayload = 1_000_000
        #expect(
            String(buffer: EngineFrame.open(configuration.handshake(id: "a", canUpgrade: true)).piece)
                == #"0{"sid":"a","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200,"maxPayload":1000000}"#)
        #expect(String(buffer: configuration.handshake(id: "a", canUpgrade: false)).contains(#""upgrades":[],"#))
    }
}

@Suite("Requests to Engine.IO")
struct EngineRequestTests {
    static func parse(
        _ query: String, _ method: HTTPMethod = .GET, webSocket: Bool = false
    ) -> Result<EngineRequest, EngineRefusal> {
        let head = HTTPRequestHead(version: .http1_1, method: method, uri: "/engine.io/" + query)
        return EngineRequest.parse(head, isWebSocket: webSocket)
    }

    @Test(
        "what polling asks for",
        arguments: [
            ("?EIO=4&transport=polling", .GET, .success(.openPolling)),
            ("?transport=polling&t=x&EIO=4&b64=1", .GET, .success(.openPolling)),
            ("?EIO=4&transport=polling&sid=a%20b", .GET, .success(.poll(session: "a b"))),
            ("?EIO=4&transport=polling&sid=a", .POST, .success(.post(session: "a"))),
            ("?EIO=4&transport=polling&sid=a", .PUT, .failure(.badRequest)),
            ("?EIO=4&transport=polling&sid=a", .HEAD, .failure(.badRequest)),
            ("?EIO=4&transport=polling", .POST, .failure(.badHandshakeMethod)),
            ("?EIO=4&transport=polling", .PUT, .failure(.badHandshakeMethod)),
            ("?EIO=4&transport=websocket", .GET, .failure(.badRequest)),
            ("?transport=polling", .GET, .failure(.unsupportedVersion)),
            ("?EIO=abc&transport=polling", .GET, .failure(.unsupportedVersion)),
            ("?EIO=3&transport=polling", .GET, .failure(.unsupportedVersion)),
            ("?EIO=%ZZ&transport=polling", .GET, .failure(.unsupportedVersion)),
            ("?EIO=3&EIO=4&transport=polling", .GET, .failure(.unsupportedVersion)),
            ("?EIO=4", .GET, .failure(.unknownTransport)),
            ("?EIO=4&transport=abc", .GET, .failure(.unknownTransport)),
            ("?EIO=4&transport", .GET, .failure(.unknownTransport)),
            ("", .GET, .failure(.unknownTransport)), ("?", .GET, .failure(.unknownTransport)),
            ("?&&==&=&", .GET, .failure(.unknownTransport)),
        ] as [(String, HTTPMethod, Result<EngineRequest, EngineRefusal>)])
    func polling(query: String, method: HTTPMethod, expected: Result<EngineRequest, EngineRefusal>) {
        #expect(Self.parse(query, method) == expected)
    }

    @Test(
        "what WebSockets ask for",
        arguments: [
            ("?EIO=4&transport=websocket", .success(.openWebSocket)),
            ("?EIO=4&transport=websocket&sid=a", .success(.upgrade(session: "a"))),
            ("?EIO=4&transport=polling&sid=a", .failure(.badRequest)),
            ("?transport=websocket", .failure(.unsupportedVersion)), ("?EIO=abc&transport=websocket", .failure(.unsupportedVersion)),
            ("?EIO=4", .failure(.unknownTransport)), ("?EIO=4&transport=abc", .failure(.unknownTransport)),
        ] as [(String, Result<EngineRequest, EngineRefusal>)])
    func webSockets(query: String, expected: Result<EngineRequest, EngineRefusal>) {
        #expect(Self.parse(query, webSocket: true) == expected)
    }

    @Test("refusals have the numbers that clients know")
    func refusals() {
        #expect(EngineRefusal.unknownSession.response.status == .badRequest)
        #expect(
            String(buffer: EngineRefusal.unknownSession.response.body) == #"{"code":1,"message":"Session ID unknown"}"#)
        #expect(EngineRefusal.payloadTooLarge.response.status == .payloadTooLarge)
        #expect(EngineRefusal.full.response.status == .serviceUnavailable)
    }

    @Test("pages of origins that may connect can read the answers, others cannot")
    func crossOrigin() {
        let origins = WebSocketOriginPolicy(allowed: ["https://good.example"])
        let good = EngineResponse.preflight(["Origin": "https://good.example", "Host": "here"], origins: origins).headers
        #expect(good["Access-Control-Allow-Origin"] == ["https://good.example"] && good["Vary"] == ["Origin"])
        #expect(good["Access-Control-Allow-Methods"] == ["GET, POST"])
        let bad = EngineResponse.preflight(["Origin": "https://bad.example", "Host": "here"], origins: origins).headers
        #expect(!bad.contains { $0.name.hasPrefix("Access-Control") } && bad["Vary"] == ["Origin"])
        var plain = EngineResponse(body: ByteBuffer())
        plain.share(withOriginOf: ["Host": "here"], origins: .any)
        #expect(!plain.headers.contains(name: "Access-Control-Allow-Origin"))
    }
}
