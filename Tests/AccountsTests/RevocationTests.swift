import Core
import TestSupport
import Testing

@testable import Accounts

@Suite struct RevocationTests {
    private func guests(
        _ count: Int, of session: SessionID, _ house: House, _ feature: AccountsFeature
    ) async throws -> [GrantID] {
        let now = house.clock.now()
        let grants = (0..<count).map { _ in
            Grant(
                id: GrantID(at: now), kind: .guest, sessionID: session, rights: .guest, createdAt: now,
                expiresAt: now + .seconds(86_400))
        }
        try await house.database.write { transaction in
            for grant in grants { try feature.grants.add(grant, in: transaction) }
        }
        return grants.map(\.id)
    }

    private func close(_ session: SessionID, _ house: House, _ feature: AccountsFeature) async throws {
        try await house.database.write { transaction in
            try feature.grants.revokeAll(of: session, includingMembers: true, in: transaction)
        }
    }

    @Test func `thousands that fall in one moment are all read`() async throws {
        try await House.with { house in
            let (here, elsewhere) = (house.feature(), house.feature())
            let session = SessionID(at: house.clock.now())
            let ids = try await guests(2500, of: session, house, here)
            try await elsewhere.revocations.refresh()
            try await close(session, house, here)
            try await elsewhere.revocations.refresh()
            #expect(ids.allSatisfy(elsewhere.grantChecker.isRevoked))
            try await here.revocations.refresh()
            #expect(ids.allSatisfy(here.grantChecker.isRevoked))
        }
    }

    @Test func `who is connected has to leave when what let them in is taken back`() async throws {
        try await House.with { house in
            let (here, elsewhere) = (house.feature(), house.feature())
            let session = SessionID(at: house.clock.now())
            let phone = try await here.signIns.register(
                email: "a@b", username: "anna", password: "correct horse", deviceName: nil, address: "a")
            let laptop = try await here.signIns.login("anna", password: "correct horse", deviceName: nil, address: "a")
            let key = try await here.accounts.createKey(user: "anna", scopes: [.read], name: "k")
            let grant = try await guests(1, of: session, house, here)[0]
            let leaving: [Principal] = [
                .user(phone.user.id, role: .member, device: phone.deviceID),
                .key(key.id, owner: phone.user.id, role: .member, scopes: [.read]),
                .guest(GrantToken(grantID: grant, sessionID: session, rights: .guest, expiresAt: house.clock.now())),
            ]
            let staying = [.anonymous, Principal.user(phone.user.id, role: .member, device: laptop.deviceID)]
            let checker: any RevocationChecker = here.authenticator
            #expect(!(leaving + staying).contains(where: checker.isRevoked))
            try await here.signIns.logout(phone.deviceID, of: phone.user.id)
            try await here.keys.revoke(key.id, of: phone.user.id)
            try await close(session, house, here)
            #expect(leaving.allSatisfy(checker.isRevoked) && !staying.contains(where: checker.isRevoked))
            try await elsewhere.revocations.refresh()
            #expect(leaving.allSatisfy(elsewhere.authenticator.isRevoked))
        }
    }

    @Test func `a process that starts later knows what was revoked before`() async throws {
        try await House.with { house in
            let before = house.feature()
            let signIn = try await before.signIns.register(
                email: "a@b", username: "anna", password: "correct horse", deviceName: nil, address: "a")
            try await before.signIns.logout(signIn.deviceID, of: signIn.user.id)
            let later = house.feature()
            try await later.revocations.refresh()
            #expect(await code { try await later.authenticator.principal(bearer: signIn.accessToken.reveal) } == "invalid_token")
        }
    }

    @Test func `a row that becomes visible late is still seen`() async throws {
        try await House.with { house in
            let (here, elsewhere) = (house.feature(), house.feature())
            let session = SessionID(at: house.clock.now())
            let ids = try await guests(1, of: session, house, here)
            try await close(session, house, here)
            // The other process looked last at a time after the one that the row carries.
            house.clock.advance(by: .seconds(20))
            _ = try await house.database.write { try $0.execute("UPDATE grants SET revoked_at = NULL") }
            try await elsewhere.revocations.refresh()
            #expect(!elsewhere.grantChecker.isRevoked(ids[0]))
            let late = house.clock.now() - .seconds(20)
            _ = try await house.database.write { try $0.execute("UPDATE grants SET revoked_at = \(late)") }
            try await elsewhere.revocations.refresh()
            #expect(elsewhere.grantChecker.isRevoked(ids[0]))
        }
    }

    @Test func `the loop follows the database by itself and ends when cancelled`() async throws {
        try await House.with { house in
            let (here, elsewhere) = (house.feature(), house.feature())
            let session = SessionID(at: house.clock.now())
            let ids = try await guests(1, of: session, house, here)
            let loop = Task { await elsewhere.revocations.run() }
            try await close(session, house, here)
            try await eventually("the other process to hear of it") { elsewhere.grantChecker.isRevoked(ids[0]) ? () : nil }
            loop.cancel()
            await loop.value
        }
    }

    @Test func `what no token can name any more is forgotten, in memory and in the database`() async throws {
        try await House.with { house in
            let feature = house.feature()
            let session = SessionID(at: house.clock.now())
            let ids = try await guests(1, of: session, house, feature)
            try await close(session, house, feature)
            house.clock.advance(by: .seconds(2 * 86_400 + 1))
            try await feature.revocations.refresh()
            // A restarted process reads the row again until it is purged, but nothing can match it.
            #expect(try await house.database.read { try $0.exists("SELECT id FROM grants WHERE id = \(ids[0])") })
            house.clock.advance(by: .seconds(40 * 86_400))
            let now = house.clock.now()
            try await house.database.write { try RevocationStore().purge(at: now, in: $0) }
            #expect(try await !house.database.read { try $0.exists("SELECT id FROM grants WHERE id = \(ids[0])") })
        }
    }

    @Test func `ids are dropped when they expire, and the soonest when there are too many`() {
        let start = ManualClock().now()
        var revoked = RevokedIDs<Subject.Grant>(capacity: 10)
        let ids = (0..<11).map { _ in GrantID(at: start) }
        for (number, id) in ids.enumerated() { revoked.insert(id, until: start + .seconds(number)) }
        #expect(revoked.count <= 10 && !revoked.contains(ids[0]) && revoked.contains(ids[10]))
        revoked.removeExpired(at: start + .seconds(9))
        #expect(revoked.count == 1 && revoked.contains(ids[10]))
    }
}
