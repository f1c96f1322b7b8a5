import Core
import Foundation
import Logging
import Synchronization
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
            try feature.grants.revokeAll(of: session, in: transaction)
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
            #expect(try await !house.database.write { try RevocationStore().purge(at: now, in: $0) })
            #expect(try await !house.database.read { try $0.exists("SELECT id FROM grants WHERE id = \(ids[0])") })
        }
    }

    @Test func `old rows are deleted page by page until there are none`() async throws {
        try await House.with { house in
            let feature = house.feature()
            let session = SessionID(at: house.clock.now())
            _ = try await guests(RevocationStore.purgeSize + 1, of: session, house, feature)
            house.clock.advance(by: .seconds(40 * 86_400))
            let now = house.clock.now()
            let purge = { try await house.database.write { try RevocationStore().purge(at: now, in: $0) } }
            #expect(try await purge())
            #expect(try await !purge())
            #expect(try await !house.database.read { try $0.exists("SELECT id FROM grants") })
        }
    }

    @Test func `what was revoked by the thousand is read once and, before it gets old, once more`() async throws {
        try await House.with { house in
            let here = house.feature()
            let session = SessionID(at: house.clock.now())
            let ids = try await guests(40, of: session, house, here)
            let (database, known) = (CountingDatabase(house.database), Revocations())
            let feed = RevocationFeed(
                database: database, revocations: known, keys: house.keys, clock: house.clock, logger: Logger(label: "test"),
                store: RevocationStore(pageSize: 10))
            try await feed.refresh()
            try await close(session, house, here)
            func readsOfLook(after pause: Duration) async throws -> Int {
                house.clock.advance(by: pause)
                let before = database.reads
                try await feed.refresh()
                return database.reads - before
            }
            #expect(try await readsOfLook(after: .seconds(1)) >= 5)
            #expect(ids.allSatisfy(known.contains))
            for _ in 0..<20 { #expect(try await readsOfLook(after: .seconds(1)) <= 3) }
            // What falls in the same moment and is seen late.
            let late = try await guests(1, of: session, house, here)[0]
            _ = try await house.database.write { tx in
                try tx.execute("UPDATE grants SET revoked_at = (SELECT MAX(revoked_at) FROM grants) WHERE id = \(late)")
            }
            for _ in 0..<10 { _ = try await readsOfLook(after: .seconds(1)) }
            #expect(known.contains(late))
            #expect(try await readsOfLook(after: .seconds(1)) == 2)
        }
    }

    @Test func `what is revoked beside a crowd is seen at the next look`() async throws {
        try await House.with { house in
            let here = house.feature()
            let (crowded, quiet) = (SessionID(at: house.clock.now()), SessionID(at: house.clock.now()))
            _ = try await guests(30, of: crowded, house, here)
            let others = try await guests(3, of: quiet, house, here)
            let known = Revocations()
            let feed = RevocationFeed(
                database: house.database, revocations: known, keys: house.keys, clock: house.clock, logger: Logger(label: "test"),
                store: RevocationStore(pageSize: 10))
            house.clock.advance(by: .seconds(60))
            try await close(crowded, house, here)
            house.clock.advance(by: .seconds(1))
            try await feed.refresh()
            // As transactions before, beside and after it that were committed late.
            for (id, offset) in zip(others, [-1001, -999, 1]) {
                let time = house.clock.now() + .milliseconds(offset)
                _ = try await house.database.write { try $0.execute("UPDATE grants SET revoked_at = \(time) WHERE id = \(id)") }
            }
            try await feed.refresh()
            #expect(others.allSatisfy(known.contains))
        }
    }
}

/// What is known of what was revoked.
@Suite struct RevokedIDsTests {
    private let start = ManualClock().now()

    private func ids(_ count: Int) -> [GrantID] { (0..<count).map { _ in GrantID(at: start) } }

    @Test func `ids are forgotten when they expire, and not before`() {
        var revoked = RevokedIDs(capacity: 100, filterBits: 64)
        let ids = ids(11).map { CompactID($0) }
        for (number, id) in ids.enumerated() { revoked.insert(id, until: start + .seconds(number)) }
        revoked.removeExpired(at: start + .seconds(4))
        #expect(ids.suffix(7).allSatisfy(revoked.contains))
        revoked.removeExpired(at: start + .seconds(12))
        #expect(revoked.count == 0 && !ids.contains(where: revoked.contains))
    }

    @Test func `however many there are, none that was taken back opens anything, until it has expired`() {
        var revoked = RevokedIDs(capacity: 10, filterBits: 1 << 16)
        let ids = ids(2000).map { CompactID($0) }
        for (number, id) in ids.enumerated() { revoked.insert(id, until: start + .seconds(number)) }
        #expect(revoked.count == 10 && revoked.isOverfull)
        #expect(ids.allSatisfy(revoked.contains))
        // Of those that were not, few are refused with them.
        #expect(self.ids(2000).count { revoked.contains(CompactID($0)) } < 20)
        revoked.removeExpired(at: start + .seconds(1998))
        #expect(revoked.contains(ids[1999]) && revoked.isOverfull)
        revoked.removeExpired(at: start + .seconds(2000))
        #expect(!revoked.isOverfull && !ids.contains(where: revoked.contains))
    }

    @Test func `live ones are kept where more fall than there is room for, of devices as of grants`() {
        let known = Revocations(capacity: 64)
        let grants = ids(3000)
        let devices = (0..<3000).map { _ in DeviceID(at: start) }
        known.add(grants.map { .init(grant: $0, expiresAt: nil, revokedAt: start) })
        known.add(devices.map { .init(device: $0, revokedAt: start) })
        #expect(grants.allSatisfy(known.contains) && devices.allSatisfy(known.contains) && known.areOverfull)
        #expect(!known.contains(GrantID(at: start)))
        // Swept in parts.
        for _ in 0..<64 { known.removeExpired(at: start + .seconds(3700)) }
        #expect(grants.allSatisfy(known.contains) && !devices.contains(where: known.contains))
        for _ in 0..<64 { known.removeExpired(at: start + .seconds(92 * 86_400)) }
        #expect(!known.areOverfull && !grants.contains(where: known.contains))
    }

    @Test func `different ids are told apart by every one of their digits`() throws {
        let text = "01939a2e-7c1b-7d4e-9b54-0c9f5a3de001"
        let id = try #require(GrantID(text))
        var others: Set<CompactID> = []
        for (index, digit) in zip(text.indices, text) where digit != "-" {
            let changed = text.replacingCharacters(in: index...index, with: digit == "a" ? "b" : "a")
            others.insert(CompactID(try #require(GrantID(changed))))
        }
        #expect(others.count == 32 && !others.contains(CompactID(id)))
        #expect(CompactID(id) == CompactID(try #require(GrantID(text.uppercased()))))
    }
}

/// Which stretches of time are read.
@Suite struct RevocationTrailTests {
    private let start = ManualClock().now()

    private func lengths(_ trail: RevocationTrail, at now: Timestamp) -> [[Int64]] {
        trail.stretches(at: now).map { stretch in
            [stretch.lowerBound - now.milliseconds, stretch.upperBound == .max ? .max : stretch.upperBound - now.milliseconds]
        }
    }

    @Test func `the first look goes far back, the next ones a little, also after a break`() {
        var trail = RevocationTrail(start: .seconds(1000))
        #expect(lengths(trail, at: start) == [[-1_000_000, .max]])
        trail.finish(at: start, crowds: [])
        #expect(lengths(trail, at: start + .seconds(1)) == [[-31_000, .max]])
        #expect(lengths(trail, at: start + .seconds(500)) == [[-530_000, .max]])
    }

    @Test func `crowded moments are left out until they get old`() {
        var trail = RevocationTrail(start: .seconds(1000))
        trail.finish(at: start, crowds: [start - .seconds(5), start - .seconds(1)])
        #expect(lengths(trail, at: start) == [[-30_000, -5000], [-4999, -1000], [-999, .max]])
        trail.finish(at: start + .seconds(24), crowds: [])
        #expect(lengths(trail, at: start + .seconds(24)) == [[-30_000, -25_000], [-24_999, .max]])
        trail.finish(at: start + .seconds(28), crowds: [])
        #expect(lengths(trail, at: start + .seconds(28)) == [[-30_000, .max]])
    }
}

/// Counts how often something is read.
private final class CountingDatabase: Core.Database {
    private let base: any Core.Database
    private let count = Mutex(0)

    init(_ base: any Core.Database) { self.base = base }

    var reads: Int { count.withLock { $0 } }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
        count.withLock { $0 += 1 }
        return try await base.read(body)
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
        try await base.write(body)
    }
}
