import Core

/// Something made once, when it is first asked for.
actor Once<Value: Sendable> {
    private let make: @Sendable () async throws -> Value
    private var task: Task<Value, any Error>?

    init(_ make: @escaping @Sendable () async throws -> Value) { self.make = make }

    var value: Value {
        get async throws {
            let task = self.task ?? Task { [make] in try await make() }
            self.task = task
            return try await task.value
        }
    }
}

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
