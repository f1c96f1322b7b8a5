import Core
import Foundation
import Testing

@testable import WebServer

@Suite("Health")
struct HealthTests {
    private struct Broken: Error {}

    private func routes(_ checks: [HealthCheck], isReady: Bool = true, limit: Duration = .seconds(2)) -> [Route] {
        let readiness = Readiness()
        readiness.isReady = isReady
        return HealthRoutes(checks, readiness: readiness, version: "1", limit: limit).routes
    }

    private let works = HealthCheck("db") {}
    private let fails = HealthCheck("disk") { throw Broken() }

    @Test("what works is a 200 and what does not a 503, each by its name")
    func reports() async throws {
        try await withServer(routes([works, fails])) { port in
            let whole = try await ask(port, "GET", "/health")
            #expect(whole.status == 503)
            #expect(try whole.json == ["status": "failing", "version": "1", "checks": ["db": "ok", "disk": "failing"]])
            #expect(try await ask(port, "GET", "/health/db").status == 200)
            #expect(try await ask(port, "GET", "/health/disk").status == 503)
            #expect(try await ask(port, "GET", "/health/live").status == 200)
        }
    }

    @Test("a server without something that is not essential is degraded, and still wanted")
    func degraded() async throws {
        let away = HealthCheck("redis", isEssential: false) { throw Broken() }
        try await withServer(routes([works, away])) { port in
            for path in ["/health", "/health/ready"] {
                let whole = try await ask(port, "GET", path)
                #expect(whole.status == 200)
                #expect(try whole.json["status"] == "degraded")
                #expect(try whole.json["checks"] == ["db": "ok", "redis": "degraded"])
            }
        }
    }

    @Test("a server is ready only when it says so and its checks pass")
    func readiness() async throws {
        try await withServer(routes([works], isReady: false)) { port in
            let answer = try await ask(port, "GET", "/health/ready")
            #expect(answer.status == 503)
            #expect(try answer.json["status"] == "not_ready")
            #expect(try await ask(port, "GET", "/health/live").status == 200)
        }
        try await withServer(routes([works])) { port in
            let answer = try await ask(port, "GET", "/health/ready")
            #expect(answer.status == 200)
        }
    }

    @Test("a check that hangs, even one that cannot be cancelled, is answered in time and started once")
    func hanging() async throws {
        let starts = AsyncStream.makeStream(of: Void.self)
        let release = AsyncStream.makeStream(of: Void.self)
        let stuck = HealthCheck("db") {
            starts.continuation.yield()
            await Task.detached { for await _ in release.stream { break } }.value
        }
        try await withServer(routes([stuck], limit: .milliseconds(100))) { port in
            for _ in 0..<2 {
                let answer = try await ask(port, "GET", "/health/db")
                #expect(answer.status == 503)
            }
        }
        release.continuation.finish()
        starts.continuation.finish()
        var count = 0
        for await _ in starts.stream { count += 1 }
        #expect(count == 1)
    }
}
