import Core
import Foundation
import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import WebServer

/// What an answer can be besides a head, a body and an end.
@Suite("Informational answers, trailers and promised lengths")
struct InformationTests {
    private static let resumption = HTTPResponse.Status(code: 104, reasonPhrase: "Upload Resumption Supported")
    private static let post = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"

    private func inform(_ gate: GateFixture, _ headers: HTTPHeaders = [:]) throws {
        let head = HTTPResponseHead(
            version: .http1_1, status: .custom(code: 104, reasonPhrase: "Upload Resumption Supported"), headers: headers)
        try gate.channel.triggerUserOutboundEvent(Information(head: head)).wait()
    }

    // MARK: Informational answers

    @Test("informational answers go out before the final one, in order, with nothing added")
    func order() throws {
        let gate = try GateFixture()
        try gate.send(Self.post + "\r\nhi")
        try inform(gate, ["Location": "/a"])
        try inform(gate, ["Upload-Offset": "2"])
        try gate.answer(.created, ["Content-Length": "0"])
        let information = "HTTP/1.1 104 Upload Resumption Supported\r\n"
        #expect(
            try gate.received() == information + "Location: /a\r\n\r\n" + information + "Upload-Offset: 2\r\n\r\n"
                + "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
        #expect(gate.channel.isActive)
    }

    @Test("nothing informational follows the final answer, or comes without a request")
    func tooLate() throws {
        let gate = try GateFixture()
        try inform(gate)
        try gate.send(Self.post + "\r\nhi")
        try gate.channel.writeOutbound(
            HTTPServerResponsePart.head(.init(version: .http1_1, status: .ok, headers: ["Content-Length": "0"])))
        try inform(gate)
        try gate.channel.writeOutbound(HTTPServerResponsePart.end(nil))
        try inform(gate)
        #expect(try gate.received() == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    }

    @Test("an HTTP/1.0 client gets no informational answer")
    func http10() throws {
        let gate = try GateFixture()
        try gate.send("POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi")
        try inform(gate)
        #expect(try gate.received() == "")
    }

    @Test("a 104 does not stand for the 100 that the client waits for")
    func besidesContinue() throws {
        let gate = try GateFixture()
        try gate.send(Self.post + "Expect: 100-continue\r\n\r\n")
        try inform(gate)
        try gate.channel.triggerUserOutboundEvent(BodyAccepted()).wait()
        #expect(try gate.received() == "HTTP/1.1 104 Upload Resumption Supported\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")
    }

    private static let informing = Route.open(.post, "/inform", body: .stream(contentType: "*/*")) { call in
        await call.inform(resumption, headers: [.location: "/u/1"])
        for try await _ in call.request.body {}
        return Reply(.noContent)
    }

    @Test("a client is informed before its body has come")
    func live() async throws {
        try await withServer([Self.informing]) { port in
            let client = try await RawClient(port: port)
            try await client.send("POST /inform HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n")
            let early = await client.receive(until: "\r\n\r\n")
            #expect(early == "HTTP/1.1 104 Upload Resumption Supported\r\nLocation: /u/1\r\n\r\n")
            try await client.send("hi")
            #expect(await client.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 204 No Content\r\n"))
        }
    }

    @Test("a handler learns whether its client was informed", arguments: [("", "1"), ("Via: 1.1 proxy\r\n", "0")])
    func told(_ header: String, _ isTold: String) async throws {
        let route = Route.open(.post, "/inform", body: .stream(contentType: "*/*")) { call in
            let isSent = await call.inform(Self.resumption)
            return Reply(.noContent, headers: [.eTag: isSent ? "1" : "0"])
        }
        try await withServer([route]) { port in
            let client = try await RawClient(port: port)
            try await client.send("POST /inform HTTP/1.1\r\nHost: x\r\n\(header)Content-Length: 0\r\n\r\n")
            #expect(await client.receive(until: "ETag: \(isTold)\r\n").contains("HTTP/1.1 204 No Content\r\n"))
        }
    }

    @Test(
        "a request that came through a proxy is not informed",
        arguments: ["X-Forwarded-For: 192.0.2.1", "Via: 1.1 proxy", "Forwarded: for=192.0.2.1"])
    func proxied(_ header: String) async throws {
        try await withServer([Self.informing]) { port in
            let client = try await RawClient(port: port)
            try await client.send("POST /inform HTTP/1.1\r\nHost: x\r\n\(header)\r\nContent-Length: 2\r\n\r\nhi")
            #expect(await client.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 204 No Content\r\n"))
        }
    }

    @Test("a trusted proxy is not informed, even when it says nothing of itself")
    func trusted() async throws {
        try await withServer([Self.informing], configure: { $0.trustedProxies = TrustedProxies(["127.0.0.1"])! }) { port in
            let client = try await RawClient(port: port)
            try await client.send("POST /inform HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")
            #expect(await client.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 204 No Content\r\n"))
        }
    }

    // MARK: Trailers

    private static let trailing = Route.open(.post, "/trail", body: .stream(contentType: "*/*")) { call in
        for try await _ in call.request.body {}
        let fields = await call.trailers().map { "\($0.name.canonicalName)=\($0.value)" }
        return .bytes(Data("<\(fields.joined(separator: ","))>".utf8), type: "text/plain")
    }

    @Test("trailer fields can be read after the body, each request's its own")
    func trailers() async throws {
        try await withServer([Self.trailing]) { port in
            let client = try await RawClient(port: port)
            let head = "POST /trail HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n"
            try await client.send(head + "Upload-Checksum: sha1 abc\r\nX-Other: 1\r\n\r\n")
            let first = await client.receive(until: ">")
            #expect(first.hasSuffix("<upload-checksum=sha1 abc,x-other=1>"), "\(first)")
            try await client.send(head + "\r\n")
            #expect(await client.receive(until: ">").hasSuffix("<>"))
            try await client.send("POST /trail HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")
            #expect(await client.receive(until: ">").hasSuffix("<>"))
        }
    }

    @Test("more trailers than a head may have are refused, and the connection ends")
    func endlessTrailers() async throws {
        try await withServer([Self.trailing]) { port in
            let client = try await RawClient(port: port)
            try await client.send("POST /trail HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n")
            try await client.send("Big: \(String(repeating: "a", count: 20_000))\r\n\r\n")
            #expect(await client.receive().hasPrefix("HTTP/1.1 400"))
        }
    }

    // MARK: Promised lengths

    @Test("an answer that ends before its Content-Length ends the connection")
    func shortAnswer() throws {
        let gate = try GateFixture()
        try gate.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(throws: ChannelError.self) { try gate.answer(.ok, ["Content-Length": "10"], "short") }
        #expect(try gate.received().hasSuffix("\r\n\r\nshort"))
        #expect(!gate.channel.isActive)
    }

    @Test("an answer never goes on after its Content-Length")
    func longAnswer() throws {
        let gate = try GateFixture()
        try gate.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(throws: ChannelError.self) { try gate.answer(.ok, ["Content-Length": "2"], "much longer") }
        #expect(try gate.received().hasSuffix("\r\n\r\n"))
        #expect(!gate.channel.isActive)
    }

    @Test("a client whose answer falls short is not left waiting")
    func liveShortAnswer() async throws {
        let short = Route.open(.get, "/short") { _ in
            Reply(.ok, headers: [.contentLength: "100"], body: .init { writer in
                try await writer.write(ByteBuffer(string: "short"))
                try await writer.finish(nil)
            })
        }
        try await withServer([short]) { port in
            let client = try await RawClient(port: port)
            try await client.send("GET /short HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await client.receive().hasSuffix("short"))
        }
    }

    @Test("HEAD and 304 keep their Content-Length to themselves", arguments: [("HEAD", 200), ("GET", 304)])
    func withoutBody(_ method: String, _ status: Int) throws {
        let gate = try GateFixture()
        try gate.send("\(method) / HTTP/1.1\r\nHost: x\r\n\r\n")
        try gate.answer(HTTPResponseStatus(statusCode: status), ["Content-Length": "10"])
        #expect(gate.channel.isActive)
    }
}
