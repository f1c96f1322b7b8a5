import Dispatch
import Foundation
import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import TestSupport
import Testing

@testable import WebServer

/// What happens to answers under way when the server is told to end.
@Suite("A server that drains")
struct DrainTests {
    private static func route(_ file: TestFile) -> Route {
        .open(.get, "/route") { _ in
            var reply = Reply(.ok, body: .init(byteBuffer: ByteBuffer(string: "bytes")))
            reply.file = FilePart(file, 0..<file.size)
            return reply
        }
    }

    @Test("sends the file that it has begun to its end, and takes no other request", arguments: ["file", "route"])
    func transfer(name: String) throws {
        let data = Data(repeating: UInt8(ascii: "x"), count: 6_000_000)
        let file = TestFile(data)
        let gate = try GateFixture(direct: TestDirect(file))
        try gate.send("GET /direct/\(name) HTTP/1.1\r\nHost: x\r\n\r\n")
        var sent: EventLoopFuture<Void>?
        if name == "route" {
            #expect(try gate.requests() == ["GET /direct/route", "end"])
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Content-Length": "\(data.count)"])
            try gate.channel.writeOutbound(HTTPServerResponsePart.head(head))
            sent = gate.channel.triggerUserOutboundEvent(FileOrder(FilePart(file, 0..<file.size)))
        }
        var text = try gate.received()
        #expect(text.utf8.count < data.count)
        gate.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        try gate.send("GET /direct/small HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(gate.channel.isActive)
        gate.channel.embeddedEventLoop.run()
        if let sent {
            try sent.wait()
            try gate.channel.writeOutbound(HTTPServerResponsePart.end(nil))
        }
        text += try gate.received()
        #expect(try HTTPAnswer(text).body.utf8.elementsEqual(data))
        gate.pass(.seconds(1))
        #expect(try !gate.channel.isActive && gate.requests() == [] && gate.received() == "")
    }

    @Test("answers what had begun to come with the word that the connection ends")
    func late() throws {
        let gate = try GateFixture(direct: TestDirect())
        try gate.send("GET /direct/sm")
        gate.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        try gate.send("all HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try gate.requests() == ["GET /direct/small", "end"])
        try gate.answer(.ok, ["Content-Length": "2"], "hi")
        #expect(try HTTPAnswer(gate.received()).headers["connection"] == "close")
        gate.pass(.seconds(1))
        #expect(!gate.channel.isActive)
    }

    @Test("lets downloads end, and then ends itself", arguments: ["/direct/file", "/route"])
    func download(target: String) async throws {
        let windows = Inbox<Void>()
        let disk = DispatchSemaphore(value: 0)
        let data = Data(repeating: UInt8(ascii: "x"), count: 6_000_000)
        let file = TestFile(data, isCold: true) {
            windows.push(())
            if windows.elements.count == 2 { disk.wait() }
        }
        try await DrainingServer.with([Self.route(file)], direct: TestDirect(file)) { server in
            let client = try await RawClient(port: server.port)
            try await client.send("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n")
            // It is in the middle of it.
            try await windows.wait(for: "the second window") { elements, _ in elements.count == 2 ? () : nil }
            await server.drain()
            try await eventually("nobody to be let in") { (try? await RawClient(port: server.port)) == nil ? () : nil }
            try await client.send("GET /direct/small HTTP/1.1\r\nHost: x\r\n\r\n")
            disk.signal()
            let text = await client.receive()
            #expect(text.components(separatedBy: "HTTP/1.1 200 OK").count == 2)
            #expect(try HTTPAnswer(text).body.utf8.elementsEqual(data))
            try await server.end()
        }
    }

    @Test(
        "cuts off who takes nothing at the end of its time, and keeps no file open",
        arguments: ["/direct/file", "/route", "/direct/huge", "/bytes"])
    func cut(target: String) async throws {
        weak var gone: TestFile?
        do {
            let file = TestFile(Data(count: 32 << 20))
            gone = file
            // An answer that is written to its end at once, and of which the client takes but the beginning.
            let bytes = Route.open(.get, "/bytes") { _ in .bytes(Data(count: 8 << 20), type: "application/octet-stream") }
            try await DrainingServer.with([Self.route(file), bytes], direct: TestDirect(file), grace: .milliseconds(300)) { server in
                let client = try await RawClient(port: server.port, autoRead: false)
                try await client.send("GET \(target) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                client.read()
                #expect(await client.receive(until: "200 OK").hasPrefix("HTTP/1.1 200 OK"))
                await server.drain()
                try await server.end(within: .seconds(8))
                try await client.close()
            }
        }
        try await eventually("the file to be closed") { gone == nil ? () : nil }
    }

    @Test(
        "cuts off at the end of its time who takes nothing over TLS", .enabled(if: Tool.program("openssl") != nil, "openssl is not installed"),
        arguments: ["http/1.1", "h2"])
    func secureCut(version: String) async throws {
        let secure = try await SecureServer()
        let direct = NotingDirect()
        let route = Route.open(.get, "/") { _ in
            direct.asked.push("/")
            return .bytes(Data(count: 8 << 20), type: "application/octet-stream")
        }
        try await DrainingServer.with([route], direct: direct, grace: .milliseconds(300), configure: { $0.certificate = secure.certificate }) {
            server in
            let client = try await SecureClient(port: server.port, authority: secure.certificates.authority, version: version)
            if version == "h2" {
                try await client.askWithoutWindow()
            } else {
                try await client.send(Array("GET /direct/small HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
                #expect(await client.text(until: "small").hasSuffix("small"))
                client.stopReading()
                try await client.send(Array("GET /direct/huge HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".utf8))
            }
            let last = version == "h2" ? "/" : "/direct/huge"
            try await direct.asked.wait(for: "the request") { targets, _ in targets.contains(last) ? () : nil }
            await server.drain()
            try await server.end(within: .seconds(8))
            client.close()
        }
    }

    @Test(
        "does not wait for handshakes of TLS", .enabled(if: Tool.program("openssl") != nil, "openssl is not installed"))
    func handshake() async throws {
        let secure = try await SecureServer()
        let configure: (inout WebServerConfiguration) -> Void = { ($0.certificate, $0.limits.head) = (secure.certificate, .seconds(60)) }
        try await DrainingServer.with([], grace: .milliseconds(300), configure: configure) { server in
            let client = try await RawClient(port: server.port)
            // The beginning of a record (RFC 8446 section 5.1).
            try await client.send("\u{16}\u{3}\u{1}")
            let other = try await SecureClient(port: server.port, authority: secure.certificates.authority, version: "http/1.1")
            try await other.send(Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
            #expect(await other.text(until: "HTTP/1.1 404").hasPrefix("HTTP/1.1 404"))
            await server.drain()
            try await server.end(within: .seconds(8))
            try await client.closed()
        }
    }

    /// Tells what it is asked for.
    private struct NotingDirect: DirectResponder {
        let asked = Inbox<String>()
        private let base = TestDirect()
        var prefix: String { base.prefix }
        var route: String { base.route }

        func answer(_ request: DirectRequest) -> DirectAnswer? {
            asked.push(request.target)
            return base.answer(request)
        }
    }
}
