import Core
import HTTPTypes
import WebServer

/// How much of what one may send has been sent.
struct UsageRoutes: Sendable {
    let service: IngestService

    var routes: [Route] { [usage] }

    private var usage: Route {
        .json(
            .get, "/api/auth/usage", .readProfile, "How much one's files take up, and may", tag: "Accounts", output: UsageView.self
        ) { call in
            guard let user = call.principal.userID else { throw Problem.unauthorized() }
            return try await service.usage(of: user)
        }
    }
}

/// What an account has sent, stored and under way, and may.
struct UsageView: WireType, Equatable {
    var files: Int
    var bytes: Int64
    var maxFiles: Int?
    var maxBytes: Int64?

    static let schema = Schema.object([
        .field("files", .integer(0...Int64.max), "Originals of all sessions, with those on their way, and of sessions in the bin."),
        .field("bytes", .integer(0...Int64.max), "Of them all."),
        .optional("maxFiles", .integer(0...Int64.max), "Missing: no limit."),
        .optional("maxBytes", .integer(0...Int64.max), "Missing: no limit."),
    ])
}

extension IngestService {
    /// What counts for an account, and against what.
    func usage(of user: UserID) async throws -> UsageView {
        let now = ledger.clock.now()
        return try await store.database.write(.readCommitted) { tx in
            let quota = try admission.quota(of: user, in: tx).completed(by: configuration.accountQuota)
            // In this order what becomes a file meanwhile may be there twice, but never not at all.
            let underWay = try store.underWay(for: .account(user), beside: [], at: now, tx).usage
            let usage = try admission.stored(for: .account(user), in: tx) + underWay
            return UsageView(files: usage.files, bytes: usage.bytes, maxFiles: quota.files, maxBytes: quota.bytes)
        }
    }
}
