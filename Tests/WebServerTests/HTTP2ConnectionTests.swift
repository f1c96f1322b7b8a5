import Core
import Foundation
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTP2
import TestSupport
import Testing

@testable import WebServer

/// What concerns all streams of a connection.
@Suite(
    "Connections of HTTP/2",
    .enabled(if: Tool.program("curl") != nil && Tool.program("openssl") != nil, "curl or openssl is not installed"))
struct HTTP2ConnectionTests {
    @Test("a request whose fields are too large is told so, and the others go on")
    func largeHead() async throws {
        let server = try await SecureServer()
        let hello = Route.open(.get, "/hello") { _ in .bytes(Data("hello".utf8), type: "text/plain") }
        try await server.run([hello]) { port in
            let large = ["--header", "X-Large: " + String(repeating: "x", count: 20_000)]
            let requests = [[], large, []].map { more in
                ["--cacert", server.certificates.authority, "--http2", "--output", "/dev/null"]
                    + ["--write-out", "%{http_code} %{num_connects}|"] + more + ["https://localhost:\(port)/hello"]
            }
            let said = try await Tool("curl").output(["--silent"] + Array(requests.joined(separator: ["--next"])))
            #expect(said == "200 1|431 0|200 0|")
        }
    }

    @Test("that let the answers of a hundred requests pile up are cut, long before each of them would be")
    func piling() async throws {
        let server = try await SecureServer()
        let asked = Inbox<Void>()
        let large = Route.open(.get, "/") { _ in
            asked.push(())
            return .bytes(Data(count: 60_000), type: "application/octet-stream")
        }
        try await server.run([large], configure: { $0.limits.heldPatience = .milliseconds(300) }) { port in
            let client = try await SecureClient(port: port, authority: server.certificates.authority, version: "h2")
            try await client.askWithoutWindow(100)
            let goodbye = try #require(await client.frames(until: 7).last)
            // ENHANCE_YOUR_CALM, section 7.
            #expect(goodbye.type == 7 && goodbye.content.suffix(4) == [0, 0, 0, 0xB])
            #expect(asked.elements.count > 16)
            try await client.closed()
        }
    }

    @Test("are told that the server drains, have answered what they asked for, and learn what was the last of it")
    func drains() async throws {
        let secure = try await SecureServer()
        let (asked, answer) = (Inbox<Void>(), Inbox<Void>())
        let slow = Route.open(.get, "/") { _ in
            asked.push(())
            try await answer.wait(for: "the test") { _, isClosed in isClosed ? () : nil }
            return .bytes(Data("late".utf8), type: "text/plain")
        }
        try await DrainingServer.with([slow], configure: { $0.certificate = secure.certificate }) { server in
            let client = try await SecureClient(port: server.port, authority: secure.certificates.authority, version: "h2")
            try await client.ask()
            try await asked.wait(for: "the request") { elements, _ in elements.first }
            await server.drain()
            let first = try #require(await client.frames(until: 7).last)
            #expect(first.content == [0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0])
            answer.close()
            let rest = await client.frames(until: nil)
            #expect(rest.filter { $0.type == 0 }.flatMap(\.content) == Array("late".utf8))
            #expect(rest.last.map { $0.type == 7 && $0.content == [0, 0, 0, 1, 0, 0, 0, 0] } == true)
            try await server.end(within: .seconds(3))
        }
    }

    @Test("and of HTTP/1.1 are closed soon when the client does not say goodbye", arguments: ["h2", "http/1.1"])
    func silentEnd(version: String) async throws {
        let server = try await SecureServer()
        let root = Route.open(.get, "/") { _ in Reply(.noContent) }
        try await server.run([root], configure: { $0.limits.idle = .milliseconds(200) }) { port in
            let client = try await SecureClient(port: port, authority: server.certificates.authority, version: version)
            if version == "h2" {
                try await client.ask()
                #expect(await client.types(until: 1).last == 1)
            } else {
                try await client.send(Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
                #expect(await client.text(until: "204").contains("204"))
            }
            client.goDeaf()
            let start = ContinuousClock.now
            try await client.closed()
            #expect(ContinuousClock.now - start < .milliseconds(3500))
        }
    }
}

@Suite("The end of a connection of HTTP/2")
struct HTTP2EndTests {
    /// Takes frames, and says that they have left when it is told to.
    private final class Sender: ChannelOutboundHandler {
        typealias OutboundIn = HTTP2Frame
        var promises: [EventLoopPromise<Void>] = []

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            if let promise { promises.append(promise) }
        }
    }

    @Test("comes when what was answered has left, or has had its time", arguments: [true, false])
    func order(isTaken: Bool) throws {
        let channel = EmbeddedChannel()
        let sender = Sender()
        try channel.pipeline.syncOperations.addHandlers([sender, HTTP2Manners(ConnectionLimits())])
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        channel.embeddedEventLoop.advanceTime(by: .seconds(4))
        #expect(channel.isActive && sender.promises.count == 1)
        if isTaken { sender.promises[0].succeed(()) } else { channel.embeddedEventLoop.advanceTime(by: .seconds(1)) }
        #expect(!channel.isActive)
        if !isTaken { sender.promises[0].succeed(()) }
        channel.embeddedEventLoop.run()
    }
}

@Suite("What waits on a connection of HTTP/2")
struct HeldClockTests {
    private let start = NIODeadline.uptimeNanoseconds(0)
    private let limits = ConnectionLimits()

    private func after(_ seconds: Int64) -> NIODeadline { start + .seconds(seconds) }

    @Test("may be much for a while, and little for as long as it likes")
    func patience() {
        var clock = HeldClock(limits)
        clock.holds(limits.heldBytes, at: start)
        #expect(clock.deadline == nil)
        clock.holds(1, at: after(1000))
        #expect(clock.deadline == after(1015))
        let ends = [1014, 1015].map { clock.isOver(at: after($0)) }
        #expect(ends == [false, true])
    }

    @Test("goes on as long as the client takes of it")
    func taking() {
        var clock = HeldClock(limits)
        clock.holds(limits.heldBytes * 3, at: start)
        for period in 1...5 {
            clock.lets(go: 16_384, isTaken: true)
            let isOver = clock.isOver(at: after(Int64(period) * 15))
            #expect(!isOver)
        }
        #expect(clock.deadline == after(90))
        clock.lets(go: 16_383, isTaken: true)
        let isOver = clock.isOver(at: after(90))
        #expect(isOver)
    }

    @Test("is no reason to cut a connection that holds little when its time has come", arguments: [true, false])
    func holdingLittle(isTaken: Bool) {
        var clock = HeldClock(limits)
        clock.holds(limits.heldBytes * 3, at: start)
        // Another stream has taken little, and this one ends.
        clock.lets(go: 10, isTaken: isTaken)
        clock.lets(go: limits.heldBytes * 2 - 10, isTaken: false)
        let isOver = clock.isOver(at: after(15))
        #expect(!isOver && clock.bytes == limits.heldBytes && clock.deadline == nil)
        // What was let go before counts no more.
        clock.holds(1, at: after(20))
        #expect(clock.deadline == after(35))
        clock.lets(go: 1, isTaken: true)
        #expect(clock.deadline == nil)
    }

    @Test("may be let go of just in time once; the second time in a row it is over, unless the client has taken its share", arguments: [true, false])
    func lettingGoInTime(isShareTaken: Bool) {
        var clock = HeldClock(limits)
        for (period, isEnd) in [(0, false), (1, !isShareTaken)] {
            clock.holds(limits.heldBytes * 3, at: after(Int64(period) * 20))
            clock.lets(go: limits.heldBytes * 3, isTaken: false)
            let isOver = clock.isOver(at: after(Int64(period) * 20 + 15))
            #expect(isOver == isEnd && clock.bytes == 0)
            // Little waits, and is taken.
            guard isShareTaken else { continue }
            clock.holds(16_384, at: after(Int64(period) * 20 + 16))
            clock.lets(go: 16_384, isTaken: true)
        }
    }

    @Test("is forgotten once it was taken, not when the client has let it go")
    func letting() {
        var clock = HeldClock(limits)
        clock.holds(limits.heldBytes * 3, at: start)
        clock.lets(go: limits.heldBytes * 3, isTaken: false)
        #expect(clock.bytes == 0 && clock.deadline != nil)
        clock.holds(limits.heldBytes * 3, at: after(14))
        let isOver = clock.isOver(at: after(15))
        #expect(isOver)

        clock = HeldClock(limits)
        clock.holds(limits.heldBytes * 3, at: start)
        clock.lets(go: limits.heldBytes * 3, isTaken: true)
        #expect(clock.deadline == nil)
        // What is let go of little counts for nothing.
        for _ in 0..<100 {
            clock.holds(limits.heldBytes / 2 - 1, at: after(20))
            clock.lets(go: limits.heldBytes / 2 - 1, isTaken: false)
        }
        #expect(clock.deadline == nil)
    }
}
