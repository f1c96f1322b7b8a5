import Core
import Database
import Testing
import TestSupport

@testable import Webhooks

/// What has to hold on every database.
enum WebhookContract {
    typealias Clause = TestSupport.Clause<House>

    static let all = WebhookClauses.all + OutboxClauses.all + DeliveryClauses.all
}

@Suite("Webhooks on SQLite") struct SQLiteWebhookTests {
    @Test("hold what they promise", arguments: WebhookContract.all)
    func clause(_ clause: WebhookContract.Clause) async throws {
        try await House.with { try await clause.check($0) }
    }
}

@Suite("Webhooks on PostgreSQL", .enabled(if: LocalPostgres.isInstalled)) struct PostgresWebhookTests {
    @Test("hold what they promise", arguments: WebhookContract.all)
    func clause(_ clause: WebhookContract.Clause) async throws {
        try await House.$isPostgres.withValue(true) { try await House.with { try await clause.check($0) } }
    }
}
