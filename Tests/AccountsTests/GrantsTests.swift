import Core
import Testing

@testable import Accounts

@Suite struct GrantsTests {
    private let user = UserID(at: SystemWallClock().now())
    private let session = SessionID(at: SystemWallClock().now())

    private func grant(
        _ house: House, _ kind: Grant.Kind, in session: SessionID? = nil, rights: Rights = .guest, for life: Duration? = nil
    ) -> Grant {
        let now = house.clock.now()
        return Grant(
            id: GrantID(at: now), kind: kind, userID: kind == .member ? user : nil, sessionID: session ?? self.session,
            rights: rights, createdAt: now, expiresAt: life.map { now + $0 })
    }

    private func add(_ grants: [Grant], _ house: House, _ feature: AccountsFeature) async throws {
        try await house.database.write { transaction in
            for grant in grants { try feature.grants.add(grant, in: transaction) }
        }
    }

    private func membership(_ house: House, _ feature: AccountsFeature) async throws -> Grant? {
        try await house.database.read { [user, session] in
            try feature.grants.membership(of: user, in: session, transaction: $0)
        }
    }

    @Test func `of some grants those hold that were not taken back, have not ended, and are there`() async throws {
        try await House.with { house in
            let feature = house.feature()
            let grants = [grant(house, .guest), grant(house, .guest, for: .seconds(10)), grant(house, .member), grant(house, .guest)]
            try await add(Array(grants.dropLast()), house, feature)
            let unknown = (0..<1200).map { _ in GrantID(at: house.clock.now()) }
            func holding() async throws -> Set<GrantID> {
                try await house.database.read { try feature.grants.holding(unknown + grants.map(\.id), transaction: $0) }
            }
            #expect(try await holding() == Set(grants.dropLast().map(\.id)))
            house.clock.advance(by: .seconds(10))
            #expect(try await holding() == [grants[0].id, grants[2].id])
            try await house.database.write { [session] in
                _ = try feature.grants.revokeGuest(grants[0].id, of: session, in: $0)
            }
            #expect(try await holding() == [grants[2].id])
            #expect(try await house.database.read { try feature.grants.holding([], transaction: $0) } == [])
        }
    }

    @Test func `rights of several memberships add up, on the longest-lived`() async throws {
        try await House.with { house in
            let feature = house.feature()
            let short = grant(house, .member, rights: [.upload], for: .seconds(10))
            let long = grant(house, .member, rights: [.view], for: .seconds(20))
            try await add([short, long, grant(house, .guest, rights: .owner)], house, feature)
            let both = try await membership(house, feature)
            // Members may save and select what they see, whatever their row says.
            #expect(both?.id == long.id && both?.rights == [.view, .upload, .download, .select])
            house.clock.advance(by: .seconds(10))
            #expect(try await membership(house, feature)?.id == long.id)
            house.clock.advance(by: .seconds(10))
            #expect(try await membership(house, feature) == nil)
        }
    }

    @Test func `a grant comes back as it was added`() async throws {
        try await House.with { house in
            let feature = house.feature()
            let owner = grant(house, .member, rights: .owner)
            try await add([owner], house, feature)
            #expect(try await membership(house, feature) == owner)
        }
    }

    @Test func `the sessions of a person are listed once each, the latest joined first`() async throws {
        try await House.with { house in
            let feature = house.feature()
            let other = SessionID(at: house.clock.now())
            try await add([grant(house, .member), grant(house, .member, rights: .owner)], house, feature)
            house.clock.advance(by: .seconds(1))
            let asGuest = grant(house, .guest, in: SessionID(at: house.clock.now()))
            try await add([grant(house, .member, in: other), asGuest], house, feature)
            let sessions = try await house.database.read { [user] in try feature.grants.sessions(of: user, transaction: $0) }
            #expect(sessions == [other, session])
        }
    }

    @Test(arguments: [false, true])
    func `a new code takes back the grants of those who came by the old one, the end of a session all`(isEnd: Bool) async throws {
        try await House.with { house in
            let (here, elsewhere) = (house.feature(), house.feature())
            let guest = grant(house, .guest, for: .seconds(3600))
            var visitor = grant(house, .guest, for: .seconds(3600))
            visitor.parentID = GrantID(at: house.clock.now())
            let member = grant(house, .member, rights: .owner)
            let other = grant(house, .guest, in: SessionID(at: house.clock.now()), for: .seconds(3600))
            try await add([guest, visitor, member, other], house, here)
            try await elsewhere.revocations.refresh()
            let tokens = [guest, visitor, member, other].map { grant in
                here.grantChecker.sign(GrantToken(grant, session: grant.sessionID!, rights: grant.rights, now: house.clock.now()))
            }
            func open(_ feature: AccountsFeature) -> [Bool] { tokens.map { feature.grantChecker.check($0) != nil } }
            #expect(open(here) == [true, true, true, true])
            try await house.database.write { [session] transaction in
                if isEnd {
                    try here.grants.revokeAll(of: session, in: transaction)
                } else {
                    try here.grants.revokeEntriesByCode(to: session, in: transaction)
                }
            }
            #expect(open(here) == [false, !isEnd, !isEnd, true])
            #expect(open(elsewhere) == [true, true, true, true])
            try await elsewhere.revocations.refresh()
            #expect(open(elsewhere) == [false, !isEnd, !isEnd, true])
            #expect((try await membership(house, here) == nil) == isEnd)
            #expect(await code { try await elsewhere.authenticator.principal(bearer: tokens[0]) } == "invalid_token")
        }
    }

    @Test func `a revocation that is rolled back takes nothing back`() async throws {
        struct Stop: Error {}
        try await House.with { house in
            let feature = house.feature()
            let guest = grant(house, .guest, for: .seconds(3600))
            try await add([guest], house, feature)
            await #expect(throws: Stop.self) {
                try await house.database.write { [session] transaction in
                    try feature.grants.revokeAll(of: session, in: transaction)
                    throw Stop()
                }
            }
            #expect(!feature.grantChecker.isRevoked(guest.id))
        }
    }

    @Test func `the managers of a session are those whose valid membership says so, once each`() async throws {
        try await House.with { house in
            let feature = house.feature()
            let managers = { try await house.database.read { [session] in try feature.grants.managers(of: session, transaction: $0) } }
            let elsewhere = SessionID(at: house.clock.now())
            try await add(
                [
                    grant(house, .member, rights: [.view, .upload, .desk]), grant(house, .guest, rights: .owner),
                    grant(house, .member, in: elsewhere, rights: .owner),
                ], house, feature)
            #expect(try await managers() == [])
            let short = grant(house, .member, rights: [.manage], for: .seconds(10))
            try await add([short, grant(house, .member, rights: .owner, for: .seconds(20))], house, feature)
            #expect(try await managers() == [user])
            house.clock.advance(by: .seconds(20))
            #expect(try await managers() == [])
            try await add([grant(house, .member, rights: .owner)], house, feature)
            #expect(try await managers() == [user])
            try await house.database.write { [session] in
                try feature.grants.revokeAll(of: session, in: $0)
            }
            #expect(try await managers() == [])
        }
    }

    @Test func `the guests who are in are listed, the latest first, and one of them is shown out`() async throws {
        try await House.with { house in
            let feature = house.feature()
            var guests: [Grant] = []
            for number in 0..<5 {
                // Two of them in the same millisecond: the id decides.
                if number != 3 { house.clock.advance(by: .milliseconds(1)) }
                guests.append(grant(house, .guest, for: .seconds(3600 + number)))
            }
            let stranger = grant(house, .guest, in: SessionID(at: house.clock.now()), for: .seconds(3600))
            let gone = grant(house, .guest, for: .seconds(1))
            try await add(guests + [stranger, gone, grant(house, .member)], house, feature)
            house.clock.advance(by: .seconds(2))
            func list() async throws -> [GrantID] {
                try await house.database.read { [session] tx in
                    var (seen, cursor) = ([Grant](), Cursor?.none)
                    while true {
                        let page = try feature.grants.guests(of: session, after: cursor, limit: 2, transaction: tx)
                        seen += page
                        guard let last = page.last else { return seen.map(\.id) }
                        cursor = Cursor(key: last.createdAt.milliseconds, id: last.id.description)
                    }
                }
            }
            let sorted = guests.sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }.map(\.id)
            #expect(try await list() == sorted)
            func showOut(_ id: GrantID) async throws -> Bool {
                try await house.database.write { [session] in try feature.grants.revokeGuest(id, of: session, in: $0) }
            }
            #expect(try await showOut(sorted[1]))
            #expect(try await !showOut(sorted[1]) && feature.grantChecker.isRevoked(sorted[1]))
            #expect(try await !showOut(stranger.id) && !feature.grantChecker.isRevoked(stranger.id))
            #expect(try await list() == [sorted[0]] + sorted[2...])
            let count = try await house.database.read { [session] in
                try feature.grants.guestCount(of: session, transaction: $0)
            }
            #expect(count == GuestCount(entries: 6, valid: 4))
        }
    }

    @Test func `a guest's token makes a guest`() async throws {
        try await House.with { house in
            let feature = house.feature()
            let token = GrantToken(grant(house, .guest), session: session, rights: .guest, now: house.clock.now())
            let text = feature.grantChecker.sign(token)
            let principal = try await feature.authenticator.principal(bearer: text)
            #expect(principal == .guest(token))
            #expect(await code { try await feature.authenticator.principal(bearer: text + "x") } == "invalid_token")
            house.clock.advance(by: .seconds(3 * 86_400))
            #expect(await code { try await feature.authenticator.principal(bearer: text) } == "expired_token")
        }
    }

    @Test func `without a token one is anonymous, with an empty one not`() async throws {
        try await House.with { house in
            let feature = house.feature()
            let principal = try await feature.authenticator.principal(bearer: nil)
            #expect(principal == .anonymous)
            #expect(await code { try await feature.authenticator.principal(bearer: "") } == "invalid_token")
        }
    }
}

@Suite struct KeyedSealTests {
    private func seal(_ letters: String) throws -> any SecretKeeper {
        KeyedSeal(keys: try SigningKeys(secrets: letters.map { Secret(String(repeating: String($0), count: 32)) }))
    }

    @Test func `what was sealed is opened for the same use, by any key that is left`() throws {
        let sealed = try seal("a").seal(Secret("rosebud"), for: "link")
        #expect(try seal("a").open(sealed, for: "link") == Secret("rosebud"))
        #expect(try seal("ba").open(sealed, for: "link") == Secret("rosebud"))
        #expect(try seal("b").open(sealed, for: "link") == nil)
        #expect(try seal("a").open(sealed, for: "another") == nil)
        #expect(try seal("a").seal(Secret("rosebud"), for: "link") != sealed)
    }

    @Test func `what was changed or cut is not opened`() throws {
        let sealed = try seal("a").seal(Secret("rosebud"), for: "link")
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(try seal("a").open(changed, for: "link") == nil)
            #expect(try seal("a").open(Array(sealed[..<index]), for: "link") == nil)
        }
        #expect(try seal("a").open([], for: "link") == nil)
    }
}
