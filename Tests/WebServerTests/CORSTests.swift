import Core
import Foundation
import Testing

@testable import WebServer

@Suite("CORS")
struct CORSTests {
    private static let routes: [Route] = [
        .open(.get, "/x") { _ in Reply(.ok) },
        .open(.options, "/api/uploads") { _ in Reply(.noContent, headers: [.init("Tus-Version")!: "1.0.0"]) },
    ]
    private static let preflight = ["Origin": "https://a.example", "Access-Control-Request-Method": "PATCH"]

    @Test("a listed origin may read, another may not; caches are told")
    func listed() async throws {
        try await withServer(Self.routes, configure: { $0.origins = .init(["https://a.example"]) }) { port in
            let mine = try await ask(port, "GET", "/x", headers: ["Origin": "https://a.example"])
            #expect(mine.headers["access-control-allow-origin"] == "https://a.example")
            #expect(mine.headers["access-control-expose-headers"]?.contains("Upload-Offset") == true)
            #expect(mine.headers["vary"] == "Origin")
            let other = try await ask(port, "GET", "/x", headers: ["Origin": "https://b.example"])
            #expect(other.status == 200 && other.headers["access-control-allow-origin"] == nil)
            let none = try await ask(port, "GET", "/x")
            #expect(none.headers["vary"] == "Origin")
        }
    }

    @Test("errors can be read as well")
    func errors() async throws {
        try await withServer(Self.routes, configure: { $0.origins = .any }) { port in
            let answer = try await ask(port, "GET", "/nowhere", headers: ["Origin": "https://b.example"])
            #expect(answer.status == 404 && answer.headers["access-control-allow-origin"] == "*")
        }
    }

    @Test("a preflight is answered for tus; a plain OPTIONS goes to its route")
    func preflight() async throws {
        try await withServer(Self.routes, configure: { $0.origins = .any }) { port in
            let answer = try await ask(port, "OPTIONS", "/api/uploads", headers: Self.preflight)
            #expect(answer.status == 204)
            #expect(answer.headers["access-control-allow-methods"]?.contains("PATCH") == true)
            #expect(answer.headers["access-control-allow-headers"]?.contains("Upload-Metadata") == true)
            #expect(answer.headers["tus-version"] == nil)
            let plain = try await ask(port, "OPTIONS", "/api/uploads")
            #expect(plain.headers["tus-version"] == "1.0.0")
        }
    }

    private static let shared: [Route] = {
        var polling = Route.open(.get, "/polling/") { _ in Reply(.ok) }
        polling.allowsCredentials = true
        return routes + [polling]
    }()

    @Test("credentials are allowed to listed origins alone, and only where cookies mean nothing", arguments: [
        ("/polling/?a=1", "https://a.example", true), ("/polling/", "https://b.example", false), ("/x", "https://a.example", false),
    ])
    func credentials(path: String, origin: String, isAllowed: Bool) async throws {
        try await withServer(Self.shared, configure: { $0.origins = .init(["https://a.example"]) }) { port in
            for (method, more) in [("GET", [:]), ("OPTIONS", ["Access-Control-Request-Method": "POST"])] {
                let answer = try await ask(port, method, path, headers: more.merging(["Origin": origin]) { $1 })
                #expect(answer.headers["access-control-allow-credentials"] == (isAllowed ? "true" : nil), "\(method)")
                if isAllowed { #expect(answer.headers["access-control-allow-origin"] == origin) }
                #expect(answer.headers["vary"] == "Origin")
            }
        }
    }

    @Test("where any origin is let in, none may send credentials", arguments: ["GET", "OPTIONS"])
    func anyWithoutCredentials(method: String) async throws {
        try await withServer(Self.shared, configure: { $0.origins = .any }) { port in
            for origin in ["https://b.example", "null", "*"] {
                let answer = try await ask(port, method, "/polling/", headers: ["Origin": origin, "Access-Control-Request-Method": "POST"])
                #expect(answer.headers["access-control-allow-origin"] == "*")
                #expect(answer.headers["access-control-allow-credentials"] == nil)
            }
        }
    }

    @Test("nobody is let in unless listed")
    func closed() async throws {
        try await withServer(Self.routes) { port in
            let answer = try await ask(port, "OPTIONS", "/api/uploads", headers: Self.preflight)
            #expect(answer.headers["access-control-allow-origin"] == nil)
            #expect(answer.headers["access-control-allow-headers"] == nil)
        }
    }
}
