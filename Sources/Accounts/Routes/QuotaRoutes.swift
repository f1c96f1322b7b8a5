import Core
import HTTPTypes
import WebServer

/// `/api/users/{id}/quota`: what administrators give accounts in place of the house's quota.
struct QuotaRoutes: Sendable {
    private static let (tag, path) = ("Accounts", "/api/users/{id}/quota")

    let accounts: AccountService

    var routes: [Route] { [read, set] }

    private var read: Route {
        .json(
            .get, Self.path, .readQuotas, "What an account may have in place of what all may", tag: Self.tag, output: QuotaView.self,
            errors: ["not_found": 404], noun: "account"
        ) { call in
            QuotaView(try await accounts.quota(of: try call.id(of: "account")))
        }
    }

    private var set: Route {
        .json(
            .put, Self.path, .manageQuotas, "Give an account more or less than what all may have", tag: Self.tag,
            input: QuotaView.self, output: QuotaView.self, errors: ["not_found": 404], noun: "account"
        ) { input, call in
            try await accounts.setQuota(input.quota, of: try call.id(of: "account"))
            return input
        }
    }
}

/// A quota of an account; what is missing is the house's to say.
struct QuotaView: WireType, Equatable {
    var maxFiles: Int?
    var maxBytes: Int64?

    init(_ quota: UploadQuota) { (maxFiles, maxBytes) = (quota.files, quota.bytes) }

    var quota: UploadQuota { UploadQuota(files: maxFiles, bytes: maxBytes) }

    static let schema: Schema = .object([
        .optional("maxFiles", .integer(0...1_000_000_000), "Missing or null: as many as all may have."),
        .optional("maxBytes", .integer(0...Int64.max), "Missing or null: as much as all may have."),
    ])
}

extension AccountService {
    /// - Throws: `Problem` 404.
    func quota(of user: UserID) async throws -> UploadQuota {
        try await database.read { tx in
            try require(user, tx)
            return try AccountQuotaStore().quota(of: user, in: tx)
        }
    }

    /// - Throws: `Problem` 404.
    func setQuota(_ quota: UploadQuota, of user: UserID) async throws {
        try await database.write { tx in
            try require(user, tx)
            try AccountQuotaStore().set(quota, of: user, in: tx)
        }
    }

    private func require(_ user: UserID, _ tx: any Transaction) throws {
        if try name(of: user, transaction: tx) == nil { throw Problem.notFound("account") }
    }
}
