import Core
import HTTPTypes

/// Tells load balancers and people how the server is.
public struct HealthRoutes: Sendable {
    private let checks: [HealthCheck]
    private let readiness: Readiness
    private let version: String
    private let monitor: HealthMonitor

    /// - Parameters:
    ///   - version: of the server, for the report.
    ///   - limit: how long each check may take.
    public init(_ checks: [HealthCheck], readiness: Readiness, version: String, limit: Duration = .seconds(2)) {
        self.checks = checks
        self.readiness = readiness
        self.version = version
        self.monitor = HealthMonitor(limit: limit)
    }

    public var routes: [Route] {
        [
            route("/health", "Says whether everything the server depends on works.") { try await answer(checks) },
            route("/health/live", "Says that the process answers.") { try answer([:], status: "ok") },
            route("/health/ready", "Says whether to send requests here.") {
                readiness.isReady ? try await answer(checks) : try answer([:], status: "not_ready")
            },
        ]
            + checks.map { check in
                route("/health/\(check.name)", "Says whether \(check.name) works.") { try await answer([check]) }
            }
    }

    private func route(_ path: String, _ summary: String, answer: @escaping @Sendable () async throws -> Reply) -> Route {
        Route(
            .get, path, .readPublic, summary, tag: "Operation", output: .json(.ok, HealthReport.schema)
        ) { _ in try await answer() }
    }

    private func answer(_ checks: [HealthCheck]) async throws -> Reply {
        let results = await withTaskGroup(of: (String, String).self) { group in
            for check in checks { group.addTask { (check.name, await verdict(on: check)) } }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        let worst = ["failing", "degraded"].first { results.values.contains($0) }
        return try answer(results, status: worst ?? "ok")
    }

    private func verdict(on check: HealthCheck) async -> String {
        if await monitor.passes(check) { return "ok" }
        return check.isEssential ? "failing" : "degraded"
    }

    private func answer(_ results: [String: String], status: String) throws -> Reply {
        let report = HealthReport(status: status, version: version, checks: results)
        return try .json(report, status: ["ok", "degraded"].contains(status) ? .ok : .serviceUnavailable, headers: [.cacheControl: "no-store"])
    }
}

/// How the server is.
struct HealthReport: WireType {
    var status: String
    var version: String
    var checks: [String: String]

    static let schema = Schema.object([
        .field("status", .oneOf(["ok", "degraded", "failing", "not_ready"]), "The whole."),
        .field("version", .string(), "The server's."),
        .field("checks", .dictionary(of: .oneOf(["ok", "degraded", "failing"])), "By name."),
    ])
}
