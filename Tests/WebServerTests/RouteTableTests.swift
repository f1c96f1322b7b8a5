import Core
import Foundation
import HTTPTypes
import Testing

@testable import WebServer

@Suite("Route table")
struct RouteTableTests {
    private struct Greeting: WireType {
        var name: String
        static let schema: Schema = .object([.field("name", .string(1...5))])
    }

    private static let session = SessionID(at: Timestamp(milliseconds: 1))

    private static let routes: [Route] = [
        .json(.post, "/greet", .readPublic, "Greets.", tag: "T", input: Greeting.self, output: Greeting.self) { input, _ in input },
        .open(.get, "/things/{id}") { .bytes(Data("got \($0.parameters["id"] ?? "")".utf8), type: "text/plain") },
        .open(.put, "/things/{thing}") { .bytes(Data("put \($0.parameters["thing"] ?? "")".utf8), type: "text/plain") },
        .empty(.delete, "/profile", .readProfile, "Needs an account.", tag: "T") { _ in },
        .empty(.delete, "/metrics", .readMetrics, "Needs an administrator.", tag: "T") { _ in },
        .empty(
            .delete, "/hidden", .deleteSession, "Needs rights.", tag: "T", noun: "session",
            resource: { _, _ in .session(session, held: []) }) { _ in },
        .empty(
            .delete, "/seen", .deleteSession, "Needs more rights.", tag: "T", noun: "session",
            resource: { _, _ in .session(session, held: .guest) }) { _ in },
        Route(
            .get, "/list", .readPublic, "Lists.", tag: "T", query: [.init("tag", .string(1...64), "With this tag.")],
            output: .bytes(.ok, contentType: "text/plain")
        ) { .bytes(Data(($0.query["tag"] ?? "").utf8), type: "text/plain") },
        .open(.get, "/broken") { _ in throw CocoaError(.fileNoSuchFile) },
        .open(.get, "/taken") { _ in throw Problem.conflict("taken", "It is taken.") },
    ]

    @Test(
        "the policy decides before the handler",
        arguments: [
            ("/profile", nil, 401, "unauthorized"), ("/profile", "nonsense", 401, "invalid_token"), ("/profile", "member", 204, nil),
            ("/metrics", "member", 403, "forbidden"), ("/metrics", "admin", 204, nil), ("/metrics", "key", 403, "forbidden"),
            ("/hidden", nil, 401, "unauthorized"), ("/hidden", "member", 404, "not_found"), ("/hidden", "admin", 204, nil),
            ("/seen", "member", 403, "forbidden"),
        ] as [(String, String?, Int, String?)])
    func policy(path: String, token: String?, status: Int, code: String?) async throws {
        try await withServer(Self.routes) { port in
            let answer = try await ask(port, "DELETE", path, token: token)
            #expect(answer.status == status)
            if let code {
                #expect(answer.headers["content-type"] == "application/problem+json")
                #expect(try answer.code == code)
                #expect(try answer.json["requestId"]?.stringValue == answer.headers["x-request-id"])
            }
        }
    }

    @Test(
        "a body is checked before the handler",
        arguments: [
            (#"{"name":"Ada"}"#, 200, nil), (#"{"name":"Augusta"}"#, 422, "invalid_field"), ("{}", 422, "invalid_field"),
            ("{", 400, "bad_json"), ("", 400, "bad_json"), (String(repeating: "[", count: 65), 400, "bad_json"),
            ("\"" + String(repeating: "a", count: 1 << 20) + "\"", 413, "too_large"),
        ] as [(String, Int, String?)])
    func validation(body: String, status: Int, code: String?) async throws {
        try await withServer(Self.routes) { port in
            let answer = try await ask(port, "POST", "/greet", body: body)
            #expect(answer.status == status)
            #expect(try answer.code == code)
        }
    }

    @Test("a token that no longer holds does not close what is open to all")
    func staleToken() async throws {
        try await withServer(Self.routes) { port in
            let answer = try await ask(port, "GET", "/things/1", token: "nonsense")
            #expect(answer.status == 200)
        }
    }

    @Test("routes that name one segment differently share a path, and values are percent-decoded")
    func names() async throws {
        try await withServer(Self.routes) { port in
            let decoded = try await ask(port, "GET", "/things/a%20b")
            #expect(decoded.body == "got a b")
            #expect(try await ask(port, "PUT", "/things/2").body == "put 2")
            #expect(try await ask(port, "GET", "/things/%FF").status == 400)
        }
    }

    @Test(
        "no value of a query that is read has control characters",
        arguments: [
            ("?tag=a%20%C3%A9", 200), ("?tag=%00", 400), ("?tag=a%00b", 400), ("?tag=a%0Ab", 400), ("?tag=%C2%85", 400), ("?other=%00", 200),
        ])
    func controls(query: String, status: Int) async throws {
        try await withServer(Self.routes) { port in
            let answer = try await ask(port, "GET", "/list" + query)
            #expect(answer.status == status)
            if status == 400 { #expect(try answer.code == "bad_query") }
        }
    }

    @Test("a wrong path is a 404, a wrong method a 405 that says what there is")
    func unrouted() async throws {
        try await withServer(Self.routes) { port in
            let nowhere = try await ask(port, "GET", "/nowhere")
            #expect(nowhere.status == 404)
            #expect(try nowhere.code == "not_found")
            let wrong = try await ask(port, "PATCH", "/things/1")
            #expect(wrong.status == 405)
            #expect(wrong.headers["allow"] == "GET, HEAD, PUT, OPTIONS")
            #expect(try wrong.code == "method_not_allowed")
            let options = try await ask(port, "OPTIONS", "/things/1")
            #expect(options.status == 204 && options.headers["allow"] == "GET, HEAD, PUT, OPTIONS")
        }
    }

    @Test("a path that is named has not the methods of one that takes any name in its place")
    func namedPath() async throws {
        let routes: [Route] = [.open(.get, "/things/{id}") { _ in Reply(.ok) }, .open(.post, "/things/new") { _ in Reply(.ok) }]
        try await withServer(routes) { port in
            let wrong = try await ask(port, "GET", "/things/new")
            #expect(wrong.status == 405 && wrong.headers["allow"] == "POST, OPTIONS")
            #expect(try wrong.json["title"] == "Method Not Allowed")
            #expect(try await ask(port, "POST", "/things/7").headers["allow"] == "GET, HEAD, OPTIONS")
        }
    }

    @Test("HEAD answers what GET does, without the body")
    func head() async throws {
        try await withServer(Self.routes) { port in
            let answer = try await ask(port, "HEAD", "/things/1")
            #expect(answer.status == 200 && answer.body.isEmpty && answer.headers["content-length"] == "5")
        }
    }

    @Test("a handler's problem is the answer; any other error is ours and stays inside")
    func errors() async throws {
        try await withServer(Self.routes) { port in
            let taken = try await ask(port, "GET", "/taken")
            #expect(taken.status == 409)
            #expect(try taken.code == "taken")
            let broken = try await ask(port, "GET", "/broken")
            #expect(broken.status == 500)
            #expect(try broken.code == "internal_error")
            #expect(!broken.body.contains("Cocoa"))
        }
    }

    @Test("a sane request id is kept, another is replaced", arguments: [("abc-123", true), ("a b", false), (String(repeating: "a", count: 65), false)])
    func requestID(id: String, isKept: Bool) async throws {
        try await withServer(Self.routes) { port in
            let answer = try await ask(port, "GET", "/things/1", headers: ["X-Request-ID": id])
            let given = try #require(answer.headers["x-request-id"])
            #expect((given == id) == isKept && !given.isEmpty)
            #expect(answer.headers["x-content-type-options"] == "nosniff")
            #expect(answer.headers["referrer-policy"] == "no-referrer")
        }
    }

    @Test("the address a proxy reports counts only when proxies are trusted", arguments: [(true, "203.0.113.7"), (false, "127.0.0.1")])
    func addresses(isTrusted: Bool, address: String) async throws {
        let route = Route.open(.get, "/me") { .bytes(Data("\($0.remoteAddress) \($0.baseURL)".utf8), type: "text/plain") }
        try await withServer([route], configure: { $0.trustedProxies = isTrusted ? TrustedProxies(["127.0.0.0/8", "::1"])! : .none }) { port in
            let headers = ["X-Forwarded-For": "10.0.0.1, 203.0.113.7", "X-Forwarded-Proto": "https"]
            let answer = try await ask(port, "GET", "/me", headers: headers)
            #expect(answer.body == "\(address) \(isTrusted ? "https" : "http")://x")
        }
    }
}
