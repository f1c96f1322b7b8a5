import Core
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Database

@Suite(.enabled(if: LocalPostgres.isInstalled)) struct `PostgreSQL database` {
    @Test("keeps the contract", arguments: DatabaseContract.all)
    func contract(_ clause: DatabaseContract.Clause) async throws {
        try await withPostgres { database, _ in try await clause.check(database) }
    }
}
