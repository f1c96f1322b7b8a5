import Core
import TestSupport

/// One server for all tests that leave it alive, with an account of each kind.
enum SharedServer {
    struct Stage: Sendable {
        var server: ServerProcess
        /// A photographer.
        var owner: Account
        var ownerAPI: API
        var admin: Account
        var adminKey: String
    }

    private static let shared = Once {
        let server = try await ServerProcess.start()
        let owner = try await server.createAccount("ada")
        let admin = try await server.createAccount("overseer", role: .admin)
        return Stage(
            server: server, owner: owner, ownerAPI: try await server.client(owner), admin: admin,
            adminKey: try await server.createKey(of: admin, Scope.allCases))
    }

    /// Access tokens end after a quarter of an hour; the tests may take longer.
    private actor Badge {
        private var current: (api: API, until: ContinuousClock.Instant)?

        func renewed(for stage: Stage) async throws -> API {
            if let current, .now < current.until { return current.api }
            let api = try await stage.server.client(stage.owner)
            current = (api, .now + .seconds(600))
            return api
        }
    }

    private static let badge = Badge()

    static func stage() async throws -> Stage {
        var stage = try await shared.value
        stage.ownerAPI = try await badge.renewed(for: stage)
        return stage
    }
}
