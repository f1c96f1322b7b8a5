import NIOHTTP1
import Testing

@testable import Sockets

@Suite("The opening handshake")
struct HandshakeTests {
    static let valid: [(String, String)] = [
        ("Host", "lumiere.example"), ("Upgrade", "websocket"), ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ]

    /// The valid request with fields replaced (all of that name), or removed where the value is `nil`.
    static func head(
        _ changes: [(String, String?)] = [], method: HTTPMethod = .GET, version: HTTPVersion = .http1_1
    ) -> HTTPRequestHead {
        var headers = HTTPHeaders(valid)
        for (name, _) in changes { headers.remove(name: name) }
        for case (let name, let value?) in changes { headers.add(name: name, value: value) }
        return HTTPRequestHead(version: version, method: method, uri: "/ws", headers: headers)
    }

    static func status(_ decision: WebSocketHandshake.Decision) -> HTTPResponseStatus? {
        if case .refuse(let status, _, _) = decision { status } else { nil }
    }

    @Test("the specification's own example is accepted with its own answer")
    func example() {
        #expect(
            WebSocketHandshake.decide(Self.head(), origins: .any)
                == .accept(responseHeaders: [
                    "Upgrade": "websocket", "Connection": "Upgrade",
                    "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                ]))
    }

    @Test(
        "spellings that mean the same are accepted",
        arguments: [
            [("Connection", "keep-alive, Upgrade")], [("Connection", "keep-alive"), ("Connection", "UPGRADE")],
            [("Upgrade", "WebSocket")], [("Upgrade", "h2c, websocket")], [("Content-Length", "0")],
        ] as [[(String, String?)]])
    func accepted(changes: [(String, String?)]) {
        guard case .accept = WebSocketHandshake.decide(Self.head(changes), origins: .any) else {
            Issue.record("refused")
            return
        }
    }

    @Test(
        "a request that asks for no WebSocket is left to HTTP",
        arguments: [
            head([("Upgrade", nil)]), head([("Upgrade", "h2c")]), head([("Upgrade", "websockets")]),
            head(version: .http1_0),
        ])
    func ordinary(head: HTTPRequestHead) {
        #expect(WebSocketHandshake.decide(head, origins: .any) == .notWebSocket)
    }

    @Test(
        "a broken handshake is refused",
        arguments: [
            (head(method: .POST), .methodNotAllowed),
            (head([("Connection", nil)]), .badRequest),
            (head([("Connection", "keep-alive")]), .badRequest),
            (head([("Connection", "upgrades")]), .badRequest),
            (head([("Host", nil)]), .badRequest),
            (head([("Host", "a"), ("Host", "b")]), .badRequest),
            (head([("Content-Length", "5")]), .badRequest),
            (head([("Transfer-Encoding", "chunked")]), .badRequest),
            (head([("Sec-WebSocket-Version", nil)]), .upgradeRequired),
            (head([("Sec-WebSocket-Version", "8")]), .upgradeRequired),
            (head([("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Version", "8")]), .upgradeRequired),
            (head([("Sec-WebSocket-Key", nil)]), .badRequest),
            (head([("Sec-WebSocket-Key", "")]), .badRequest),
            (head([("Sec-WebSocket-Key", "YWI=")]), .badRequest),
            (head([("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZTE3")]), .badRequest),
            (head([("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ")]), .badRequest),
            (head([("Sec-WebSocket-Key", "not base64 at all!!!!!==")]), .badRequest),
            (
                head([
                    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
                ]), .badRequest
            ),
        ] as [(HTTPRequestHead, HTTPResponseStatus)])
    func refused(head: HTTPRequestHead, status: HTTPResponseStatus) {
        #expect(Self.status(WebSocketHandshake.decide(head, origins: .any)) == status)
    }

    @Test("another version is told the version spoken here")
    func version() {
        let decision = WebSocketHandshake.decide(Self.head([("Sec-WebSocket-Version", "12")]), origins: .any)
        guard case .refuse(.upgradeRequired, _, let headers) = decision else {
            Issue.record("not a 426: \(decision)")
            return
        }
        #expect(headers["Sec-WebSocket-Version"] == ["13"])
    }

    @Test(
        "the first offer that is supported becomes the subprotocol",
        arguments: [
            (["a, b"], ["b", "a"], "a"), (["x", "b"], ["a", "b"], "b"), (["A"], ["a"], nil), ([], ["a"], nil), (["a"], [], nil),
        ] as [([String], [String], String?)])
    func subprotocol(offers: [String], supported: [String], chosen: String?) {
        let head = Self.head(offers.map { ("Sec-WebSocket-Protocol", $0) })
        guard case .accept(let headers) = WebSocketHandshake.decide(head, subprotocols: supported, origins: .any) else {
            Issue.record("refused")
            return
        }
        #expect(headers["Sec-WebSocket-Protocol"] == (chosen.map { [$0] } ?? []))
    }

    @Test(
        "only listed pages, pages of the same host and clients without a page may connect",
        arguments: [
            (["https://a.example"], "https://a.example", true), (["https://a.example"], "HTTPS://A.example", true),
            (["https://a.example"], "http://a.example", false), (["https://a.example"], "https://a.example:8443", false),
            (["https://a.example"], "https://a.example.evil", false), (["https://a.example"], "null", false),
            ([], "https://lumiere.example", true), ([], "http://lumiere.example", true),
            ([], "https://evil-lumiere.example", false), ([], nil, true), (["*"], "https://evil.example", true),
        ] as [([String], String?, Bool)])
    func origin(allowed: [String], origin: String?, permitted: Bool) {
        let policy = WebSocketOriginPolicy(allowed: allowed)
        let decision = WebSocketHandshake.decide(Self.head([("Origin", origin)]), origins: policy)
        #expect(Self.status(decision) == (permitted ? nil : .forbidden))
    }

    @Test("the same host is not enough where that is switched off, and two origins never are")
    func strictOrigin() {
        let strict = WebSocketOriginPolicy(allowed: [], sameHost: false)
        let same = Self.head([("Origin", "https://lumiere.example")])
        #expect(Self.status(WebSocketHandshake.decide(same, origins: strict)) == .forbidden)
        let two = Self.head([("Origin", "https://a"), ("Origin", "https://b")])
        #expect(Self.status(WebSocketHandshake.decide(two, origins: .any)) == .forbidden)
    }
}
