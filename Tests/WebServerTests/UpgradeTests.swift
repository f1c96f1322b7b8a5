import Core
import Foundation
import NIOCore
import NIOHTTP1
import Testing

@testable import WebServer

/// Upgrades `/shout` to a protocol that answers in capitals, refuses `/secret`, hesitates at `/slow`, ignores the rest.
struct Shouting: ConnectionUpgrader {
    final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: unwrapInboundIn(data)).uppercased()
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        }
    }

    func decide(on head: HTTPRequestHead, remoteAddress: String) async -> UpgradeDecision {
        switch head.uri {
        case "/shout":
            return .accept(["X-Address": remoteAddress]) { channel, _ in
                try channel.pipeline.syncOperations.addHandler(Handler())
            }
        case "/secret": return .refuse(.unauthorized())
        case "/slow":
            try? await Task.sleep(for: .seconds(30))
            return .ignore
        default: return .ignore
        }
    }
}

@Suite("Upgrades")
struct UpgradeTests {
    private static let hello = Route.open(.get, "/hello") { _ in .bytes(Data("hello".utf8), type: "text/plain") }

    private static func request(_ path: String, to name: String = "shout") -> String {
        "GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: \(name)\r\n\r\n"
    }

    @Test("a connection is handed over on its first request, with the bytes that came early")
    func first() async throws {
        try await withServer([], upgrader: Shouting()) { port in
            let client = try await RawClient(port: port)
            try await client.send(Self.request("/shout") + "early ")
            let text = await client.receive(until: "EARLY ")
            #expect(text.hasPrefix("HTTP/1.1 101 Switching Protocols\r\nX-Address: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: shout\r\n\r\n"))
            try await client.send("late")
            #expect(await client.receive(until: "LATE") == "LATE")
            try await client.close()
        }
    }

    @Test("a client that hangs up ends an upgraded connection")
    func hangUp() async throws {
        try await withServer([], upgrader: Shouting()) { port in
            let client = try await RawClient(port: port)
            try await client.send(Self.request("/shout"))
            _ = await client.receive(until: "\r\n\r\n")
            try await client.finishSending()
            try await client.closed()
        }
    }

    @Test("a connection is handed over after a plain request, even when both arrive together", arguments: [true, false])
    func second(isPipelined: Bool) async throws {
        try await withServer([Self.hello], upgrader: Shouting()) { port in
            let client = try await RawClient(port: port)
            let plain = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
            if isPipelined {
                try await client.send(plain + Self.request("/shout"))
            } else {
                try await client.send(plain)
                _ = await client.receive(until: "hello")
                try await client.send(Self.request("/shout"))
            }
            #expect(await client.receive(until: "Upgrade: shout\r\n\r\n").contains("HTTP/1.1 101"))
            try await client.send("again")
            #expect(await client.receive(until: "AGAIN") == "AGAIN")
            try await client.close()
        }
    }

    @Test("a refused upgrade gets its problem")
    func refused() async throws {
        try await withServer([], upgrader: Shouting()) { port in
            let client = try await RawClient(port: port)
            try await client.send(Self.request("/secret"))
            let text = await client.receive()
            #expect(text.hasPrefix("HTTP/1.1 401 Unauthorized\r\n"))
            #expect(text.contains("application/problem+json") && text.contains(#""code":"unauthorized""#))
            #expect(text.contains("WWW-Authenticate: Bearer"))
        }
    }

    @Test("an offer nobody wants is answered as plain HTTP", arguments: ["h2c", "shout"])
    func ignored(name: String) async throws {
        try await withServer([Self.hello], upgrader: Shouting()) { port in
            let client = try await RawClient(port: port)
            try await client.send(Self.request("/hello", to: name))
            let text = await client.receive()
            #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n") && text.hasSuffix("hello"))
        }
    }

    @Test("a decision that takes too long is answered 503")
    func slow() async throws {
        try await withServer([], upgrader: Shouting(), configure: { $0.limits.upgradeDecision = .milliseconds(200) }) { port in
            let client = try await RawClient(port: port)
            try await client.send(Self.request("/slow"))
            #expect(await client.receive().hasPrefix("HTTP/1.1 503"))
        }
    }

    @Test("the server's end is the end of an upgraded connection")
    func shutdown() async throws {
        let clients = AsyncStream.makeStream(of: RawClient.self)
        try await withServer([], upgrader: Shouting()) { port in
            let client = try await RawClient(port: port)
            try await client.send(Self.request("/shout"))
            _ = await client.receive(until: "\r\n\r\n")
            clients.continuation.yield(client)
        }
        for await client in clients.stream {
            try await client.closed()
            break
        }
    }
}
