import Core
import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1
import Testing

@testable import WebServer

@Suite("Connections of a real server")
struct LiveConnectionTests {
    private static let hello = Route.open(.get, "/hello") { call in
        .bytes(Data("hello \(call.query["n"] ?? "")".utf8), type: "text/plain")
    }

    private static let refusing = Route.open(.post, "/refuse", body: .stream(contentType: "*/*")) { _ in
        throw Problem.tooLarge("No more.")
    }

    private static let counting = Route.open(.post, "/count", body: .stream(contentType: "*/*")) { call in
        await call.acceptBody()
        var count = 0
        for try await bytes in call.request.body { count += bytes.readableBytes }
        return .bytes(Data("counted \(count)".utf8), type: "text/plain")
    }


    @Test("two pipelined requests are answered in order on a connection that stays")
    func pipelining() async throws {
        try await withServer([Self.hello]) { port in
            let client = try await RawClient(port: port)
            try await client.send("GET /hello?n=1 HTTP/1.1\r\nHost: x\r\n\r\nGET /hello?n=2 HTTP/1.1\r\nHost: x\r\n\r\n")
            let text = await client.receive(until: "hello 2")
            #expect(text.components(separatedBy: "HTTP/1.1 200 OK").count == 3)
            let first = try #require(text.range(of: "hello 1")), second = try #require(text.range(of: "hello 2"))
            #expect(first.lowerBound < second.lowerBound)
            try await client.send("GET /hello?n=3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(await client.receive().hasSuffix("hello 3"))
        }
    }

    @Test("a refused upload gets its answer while it is still sending, and the connection closes")
    func earlyAnswer() async throws {
        try await withServer([Self.refusing]) { port in
            let client = try await RawClient(port: port)
            try await client.send("POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n")
            // The client keeps sending until it is cut off; what it got until then is what counts.
            let sender = Task { while true { try await client.send(String(repeating: "x", count: 1 << 16)) } }
            let text = await client.receive()
            sender.cancel()
            #expect(text.hasPrefix("HTTP/1.1 413"))
            #expect(text.contains("too_large"))
        }
    }

    @Test("100 Continue is sent when the route wants the body, and not when it refuses")
    func continues() async throws {
        try await withServer([Self.counting, Self.refusing]) { port in
            let client = try await RawClient(port: port)
            try await client.send("POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
            #expect(await client.receive(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            try await client.send("abc")
            #expect(await client.receive(until: "counted 3").hasPrefix("HTTP/1.1 200 OK"))

            let refused = try await RawClient(port: port)
            try await refused.send("POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
            #expect(await refused.receive().hasPrefix("HTTP/1.1 413"))
        }
    }

    @Test("a slow head is cut, with an answer")
    func slowHead() async throws {
        try await withServer([Self.hello], configure: { $0.limits.head = .seconds(1) }) { port in
            let client = try await RawClient(port: port)
            try await client.send("GET /hello HTTP/1.1\r\n")
            #expect(await client.receive().hasPrefix("HTTP/1.1 408"))
        }
    }

    @Test("a body that stops coming is cut")
    func stalledBody() async throws {
        try await withServer([Self.counting], configure: { $0.limits.bodyInactivity = .milliseconds(200) }) { port in
            let client = try await RawClient(port: port)
            try await client.send("POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
            try await client.closed()
        }
    }

    @Test("a body that only drips is cut")
    func drippingBody() async throws {
        let configure: (inout WebServerConfiguration) -> Void = { $0.limits.bodyRateWindow = .milliseconds(200) }
        try await withServer([Self.counting], configure: configure) { port in
            let client = try await RawClient(port: port)
            try await client.send("POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
            let drip = Task {
                while true {
                    try await client.send("x")
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            try await client.closed()
            drip.cancel()
        }
    }

    @Test("a client that stops reading is cut")
    func stalledReader() async throws {
        let ended = AsyncStream.makeStream(of: Void.self)
        let endless = Route.open(.get, "/endless") { _ in
            Reply(
                .ok,
                body: .init { writer in
                    defer { ended.continuation.finish() }
                    let chunk = ByteBuffer(repeating: 120, count: 1 << 16)
                    while true { try await writer.write(chunk) }
                })
        }
        try await withServer([endless], configure: { $0.limits.writeStall = .milliseconds(300) }) { port in
            let client = try await RawClient(port: port, autoRead: false)
            try await client.send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
            for await _ in ended.stream {}
            try await client.close()
        }
    }

    @Test("an idle kept connection is closed")
    func idle() async throws {
        try await withServer([Self.hello], configure: { $0.limits.idle = .milliseconds(200) }) { port in
            let client = try await RawClient(port: port)
            try await client.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await client.receive().hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test("a body that breaks off is an error for the route, never a short body")
    func brokenBody() async throws {
        let outcome = AsyncStream.makeStream(of: Bool.self)
        let route = Route.open(.post, "/count", body: .stream(contentType: "*/*")) { call in
            do {
                for try await _ in call.request.body {}
                outcome.continuation.yield(true)
            } catch {
                outcome.continuation.yield(false)
            }
            return Reply(.ok)
        }
        try await withServer([route]) { port in
            let client = try await RawClient(port: port)
            try await client.send("POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
            try await client.close()
            for await isComplete in outcome.stream {
                #expect(!isComplete)
                break
            }
        }
    }
}
