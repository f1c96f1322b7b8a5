import Core
import Foundation
import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import WebServer

@Suite("Direct answers")
struct DirectAnswerTests {
    private func get(_ name: String, _ more: String = "", method: String = "GET") -> String {
        "\(method) /direct/\(name) HTTP/1.1\r\nHost: x\r\n\(more)\r\n"
    }

    @Test("leave without any route, with the manners of all answers")
    func small() throws {
        let gate = try GateFixture(direct: TestDirect())
        try gate.send(get("small"))
        #expect(try gate.requests() == [])
        let answer = try HTTPAnswer(gate.received())
        #expect(answer.status == 200 && answer.body == "small")
        #expect(answer.headers["content-length"] == "5" && answer.headers["content-type"] == "text/plain")
        #expect(answer.headers["x-content-type-options"] == "nosniff" && answer.headers["referrer-policy"] == "no-referrer")
        #expect(answer.headers["date"].flatMap(HTTPDate.parse) != nil)
        #expect(answer.headers["x-request-id"]?.utf8.count == 16)
        #expect(gate.channel.isActive)
    }

    @Test("are not given to a field that is too large for a route")
    func largeField() throws {
        let gate = try GateFixture(direct: TestDirect())
        try gate.send(get("small", "X-Large: \(String(repeating: "x", count: 20_000))\r\n"))
        #expect(try gate.received().hasPrefix("HTTP/1.1 431 "))
    }

    @Test("name each request: as the client does, or each by another name")
    func names() throws {
        let gate = try GateFixture(direct: TestDirect())
        try gate.send(get("small", "x-request-id: mine\r\n"))
        #expect(try HTTPAnswer(gate.received()).headers["x-request-id"] == "mine")
        var names: Set<String> = []
        for _ in 0..<100 {
            try gate.send(get("small"))
            names.insert(try HTTPAnswer(gate.received()).headers["x-request-id"] ?? "")
        }
        #expect(names.count == 100)
    }

    @Test("of a file are its bytes, of HEAD none, of a 304 neither bytes nor length")
    func bodies() throws {
        let gate = try GateFixture(direct: TestDirect())
        try gate.send(get("file"))
        #expect(try gate.received().hasSuffix("\r\n\r\n0123456789"))
        try gate.send(get("part"))
        let part = try HTTPAnswer(gate.received())
        #expect(part.status == 206 && part.headers["content-range"] == "bytes 2-5/10" && part.body == "2345")
        for name in ["small", "file"] {
            try gate.send(get(name, method: "HEAD"))
            let head = try HTTPAnswer(gate.received())
            #expect(head.body == "" && head.headers["content-length"] == (name == "small" ? "5" : "10"))
        }
        try gate.send(get("unchanged"))
        let unchanged = try HTTPAnswer(gate.received())
        #expect(unchanged.status == 304 && unchanged.headers["content-length"] == nil && unchanged.headers["etag"] == "\"a\"")
        try gate.send(get("empty"))
        #expect(try gate.received().hasSuffix("\r\n\r\n"))
        #expect(try gate.requests() == [])
    }

    @Test("of many that are asked for at once, over TLS, no more are written than are sent on soon")
    func brake() throws {
        let gate = try GateFixture(sendsFiles: false, direct: TestDirect())
        try gate.send(String(repeating: get("large"), count: 10))
        #expect(try gate.received().components(separatedBy: "HTTP/1.1 200 OK").count == 3)
        #expect(try gate.requests() == ["GET /direct/large", "end"])
    }

    @Test("the routes do not hear that a client sends nothing more before its answer has left")
    func halfClosed() throws {
        let disk = DispatchSemaphore(value: 0)
        defer { disk.signal() }
        let file = TestFile(Data("0123456789".utf8), isCold: true) { disk.wait() }
        let gate = try GateFixture(direct: TestDirect(file))
        try gate.channel.pipeline.syncOperations.addHandler(EventCounter())
        try gate.send(get("file"))
        gate.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(try gate.channel.pipeline.syncOperations.handler(type: EventCounter.self).ends == 0)
    }

    /// Stands where the routes do.
    private final class EventCounter: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        var ends = 0

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case ChannelEvent.inputClosed? = event as? ChannelEvent { ends += 1 }
        }
    }

    @Test("keep their place among the answers of routes, whatever is pipelined")
    func pipelining() throws {
        let gate = try GateFixture(direct: TestDirect())
        try gate.send(get("small") + get("file") + get("route") + get("small") + get("unchanged"))
        let first = try gate.received()
        #expect(first.components(separatedBy: "HTTP/1.1 200 OK").count == 3)
        #expect(try gate.requests() == ["GET /direct/route", "end"])
        // What comes behind a request that a route has is the routes', too.
        try gate.answer(.ok, ["Content-Length": "5"], "route")
        #expect(try gate.received().hasSuffix("route"))
        #expect(try gate.requests() == ["GET /direct/small", "end"])
        try gate.answer(.noContent)
        #expect(try gate.requests() == ["GET /direct/unchanged", "end"])
        try gate.answer(.noContent)
        _ = try gate.received()
        try gate.send(get("small"))
        #expect(try gate.received().hasSuffix("small"))
        #expect(try gate.requests() == [])
    }

    @Test("are not given while the decoder may hold the beginning of a request", arguments: 1..<60)
    func pieces(cut: Int) throws {
        let gate = try GateFixture(direct: TestDirect())
        let text = get("route") + get("small")
        try gate.send(String(text.prefix(cut)))
        try gate.send(String(text.dropFirst(cut)))
        #expect(try gate.requests() == ["GET /direct/route", "end"])
        try gate.answer(.ok, ["Content-Length": "5"], "route")
        let isDecoded = try gate.requests() == ["GET /direct/small", "end"]
        if isDecoded { try gate.answer(.ok, ["Content-Length": "5"], "small") }
        let answers = try gate.received()
        #expect(answers.components(separatedBy: "HTTP/1.1 200 OK").count == 3 && answers.hasSuffix("small"))
        try gate.send(get("small"))
        #expect(try gate.received().hasSuffix("small") && gate.requests() == [])
    }

    @Test("are given again once a body has gone through the decoder")
    func afterBody() throws {
        let gate = try GateFixture(direct: TestDirect())
        try gate.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")
        #expect(try gate.requests() == ["POST /a", "hi", "end"])
        try gate.answer(.noContent)
        _ = try gate.received()
        // Nobody knows whether the piece ended with the body.
        try gate.send(get("small"))
        #expect(try gate.requests() == ["GET /direct/small", "end"])
        try gate.answer(.noContent)
        _ = try gate.received()
        try gate.send(get("small"))
        #expect(try gate.received().hasSuffix("small"))
    }

    @Test(
        "are for plain requests: all others go to the routes or are refused",
        arguments: [
            "Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n", "Upgrade: h2c\r\nConnection: Upgrade\r\n",
            "Connection: Upgrade\r\n", "Connection: keep-alive\r\nConnection: close\r\n", "Expect: 100-continue\r\n",
            "Origin: https://a.example\r\n", "Host: y\r\n", "X-Forwarded-For: 1.2.3.4\r\n", "Name: caf\u{e9}\r\n",
            "Folded: a\r\n b\r\n", "Space : a\r\n", String(repeating: "A: b\r\n", count: 101),
        ])
    func unusual(_ fields: String) throws {
        let gate = try GateFixture(direct: TestDirect())
        try gate.send(get("small", fields))
        #expect(try !gate.received().hasSuffix("small"))
    }

    @Test("need HTTP/1.1, a Host, and a target that begins as they do", arguments: [
        "GET /direct/small HTTP/1.0\r\n\r\n", "GET /direct/small HTTP/1.1\r\n\r\n", "GET /other HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /direct/small HTTP/1.1\r\nHost: x\r\n\r\n", "GET  /direct/small HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /direct/small HTTP/1.1\nHost: x\n\n", "GET http://x/direct/small HTTP/1.1\r\nHost: x\r\n\r\n",
    ])
    func otherRequests(_ text: String) throws {
        let gate = try GateFixture(direct: TestDirect())
        try gate.send(text)
        #expect(try !gate.received().hasSuffix("small"))
    }

    @Test("end the connection when the client asks for it, or the server drains")
    func closing() throws {
        for name in ["small", "file"] {
            let asked = try GateFixture(direct: TestDirect())
            try asked.send(get(name, "Connection: close\r\n") + get("small"))
            let text = try asked.received()
            #expect(text.contains("connection: close\r\n") && text.components(separatedBy: "HTTP/1.1 200").count == 2)
            asked.pass(.seconds(1))
            #expect(!asked.channel.isActive)
        }
        let draining = try GateFixture(direct: TestDirect())
        try draining.send(get("small"))
        draining.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(!draining.channel.isActive)
    }

    @Test("leave the connection its minute between requests")
    func idle() throws {
        let gate = try GateFixture(direct: TestDirect())
        gate.pass(.seconds(9))
        try gate.send(get("small"))
        gate.pass(.seconds(59))
        try gate.send(get("small"))
        gate.pass(.seconds(59))
        #expect(gate.channel.isActive)
        gate.pass(.seconds(1))
        #expect(!gate.channel.isActive)
    }

    @Test("of a file that is shorter than announced, the connection ends")
    func shortFile() throws {
        let gate = try GateFixture(direct: TestDirect())
        try gate.send(get("short"))
        #expect(!gate.channel.isActive)
    }
}
