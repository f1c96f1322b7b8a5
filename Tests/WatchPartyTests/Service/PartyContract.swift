import Core
import Database
import TestSupport
import Testing

@testable import WatchParty

/// What has to hold on every database.
enum PartyContract {
    typealias Clause = TestSupport.Clause<House>

    static let all = FilmClauses.all + DoorClauses.all + MemberClauses.all + QueueClauses.all
}

@Suite("Parties on SQLite") struct SQLitePartyTests {
    @Test("keep what they promise", arguments: PartyContract.all)
    func clause(_ clause: PartyContract.Clause) async throws {
        try await House.with { try await clause.check($0) }
    }
}

@Suite("Parties on PostgreSQL", .enabled(if: LocalPostgres.isInstalled)) struct PostgresPartyTests {
    @Test("keep what they promise", arguments: PartyContract.all)
    func clause(_ clause: PartyContract.Clause) async throws {
        try await House.$isPostgres.withValue(true) { try await House.with { try await clause.check($0) } }
    }
}

@Test("the tables of parties can be undone", arguments: LocalPostgres.isInstalled ? [false, true] : [false])
func migrationsDown(isPostgres: Bool) async throws {
    try await House.$isPostgres.withValue(isPostgres) {
        try await House.with { house in
            for migration in PartyMigrations.all.reversed() {
                try await house.database.write { tx in
                    for statement in migration.down { try tx.execute(SQL(stringLiteral: statement)) }
                }
            }
        }
    }
}
