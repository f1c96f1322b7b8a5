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

    @Test("nobody is let in unless listed")
    func closed() async throws {
        try await withServer(Self.routes) { port in
            let answer = try await ask(port, "OPTIONS", "/api/uploads", headers: Self.preflight)
            #expect(answer.headers["access-control-allow-origin"] == nil)
            #expect(answer.headers["access-control-allow-headers"] == nil)
        }
    }
}
