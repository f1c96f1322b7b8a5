import Core
import HTTPTypes
import Testing

@testable import WebServer

@Suite("Failures")
struct FailureTests {
    static let cases: [(any Error & Sendable, Failure.Kind, Int, String)] = [
        (Problem.notFound("photo"), .expected, 404, "not_found"),
        (Problem.internalError, .fault, 500, "internal_error"),
        (CancellationError(), .interrupted, 503, "interrupted"),
        (failed(DatabaseError.busyCode), .outage, 503, "database_unavailable"),
        (failed(DatabaseError.unavailableCode), .outage, 503, "database_unavailable"),
        (failed("42P01"), .fault, 500, "internal_error"),
        (DatabaseError.constraint("c"), .fault, 500, "internal_error"),
        (ObjectStoreError.unavailable("GET a: 503"), .outage, 503, "storage_unavailable"),
        (ObjectStoreError.system(5, "read"), .fault, 500, "internal_error"),
    ]

    private static func failed(_ code: String) -> DatabaseError { .failed(code: code, message: "m", statement: "SELECT 1") }

    @Test("are told apart: whose doing they are, and what the client is told", arguments: cases)
    func table(_ error: any Error & Sendable, _ kind: Failure.Kind, _ status: Int, _ code: String) {
        let failure = Failure(error)
        #expect(failure.kind == kind && failure.problem.status == status && failure.problem.code == code)
    }

    @Test("what is away comes back: the client is told when to ask again", arguments: [
        (failed(DatabaseError.unavailableCode) as any Error & Sendable, "1"), (ObjectStoreError.unavailable("x"), "5"),
    ])
    func retryAfter(_ error: any Error & Sendable, _ seconds: String) {
        #expect(Failure(error).problem.headers["Retry-After"] == seconds)
    }

    @Test("nothing of the cause reaches the client")
    func discretion() async throws {
        let route = Route.open(.get, "/api/away") { _ in
            throw DatabaseError.failed(code: DatabaseError.unavailableCode, message: "db.internal", statement: "SELECT secret")
        }
        try await withServer([route]) { port in
            let answer = try await ask(port, "GET", "/api/away")
            #expect(answer.status == 503 && answer.headers["retry-after"] == "1")
            #expect(!answer.body.contains("db.internal") && !answer.body.contains("SELECT"))
        }
    }
}
