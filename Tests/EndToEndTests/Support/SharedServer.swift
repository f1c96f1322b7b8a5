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

    static func stage() async throws -> Stage { try await shared.value }
}
