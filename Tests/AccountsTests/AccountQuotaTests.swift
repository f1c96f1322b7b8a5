import Core
import Testing

@testable import Accounts

@Suite struct `The quota of an account` {
    @Test func `is the house's until an administrator says otherwise, and again when that is taken back`() async throws {
        try await House.with { house in
            let feature = house.feature()
            let user = try await feature.accounts.createUser(
                email: "ada@example.org", username: "ada", password: "correct horse", role: .photographer).id
            func quota() async throws -> UploadQuota {
                try await house.database.read { tx in try feature.accounts.quota(of: user, transaction: tx) }
            }
            #expect(try await quota() == .unlimited)
            for wanted in [UploadQuota(files: 10), UploadQuota(bytes: 1 << 40), .unlimited] {
                try await feature.accounts.setQuota(wanted, of: user)
                #expect(try await quota() == wanted)
                #expect(try await feature.accounts.quota(of: user) == wanted)
            }
            await #expect(throws: Problem.notFound("account")) { try await feature.accounts.setQuota(.unlimited, of: UserID(at: house.clock.now())) }
        }
    }

    @Test func `says nothing where the house is to say`() {
        let house = UploadQuota(files: 5, bytes: 100, open: 2)
        #expect(UploadQuota(bytes: 200).completed(by: house) == UploadQuota(files: 5, bytes: 200, open: 2))
        #expect(UploadQuota.unlimited.completed(by: house) == house)
    }
}
