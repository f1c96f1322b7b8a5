import Core
import Database
import Testing
import TestSupport

@testable import Community

/// What has to hold on every database.
enum ChatContract {
    typealias Clause = TestSupport.Clause<House>

    static let all = SpeakingClauses.all + ReadingClauses.all + ModeratingClauses.all
}

@Suite("The talk on SQLite") struct SQLiteChatTests {
    @Test("holds what it promises", arguments: ChatContract.all)
    func clause(_ clause: ChatContract.Clause) async throws {
        try await House.with { try await clause.check($0) }
    }
}

@Suite("The talk on PostgreSQL", .enabled(if: LocalPostgres.isInstalled)) struct PostgresChatTests {
    @Test("holds what it promises", arguments: ChatContract.all)
    func clause(_ clause: ChatContract.Clause) async throws {
        try await House.$isPostgres.withValue(true) { try await House.with { try await clause.check($0) } }
    }
}

@Test("the migrations can be undone", arguments: LocalPostgres.isInstalled ? [false, true] : [false])
func migrationsDown(isPostgres: Bool) async throws {
    try await House.$isPostgres.withValue(isPostgres) {
        try await House.with { house in
            for migration in CommunityMigrations.all.reversed() {
                try await house.database.write { tx in
                    for statement in migration.down { try tx.execute(SQL(stringLiteral: statement)) }
                }
            }
        }
    }
}
