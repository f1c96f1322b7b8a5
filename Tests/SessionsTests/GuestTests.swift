import Accounts
import Core
import Database
import TestSupport
import Testing

@testable import Sessions

@Suite("Guests")
struct GuestTests {
    /// A session with a code and a link.
    private struct Shoot {
        let house: TestHouse
        let links: ShareLinkService
        let id: SessionID
        let link: LinkID
        let token: String

        func enter(byCode name: String) async throws -> Entry {
            try await house.sessions.enter(id, code: "one-1", name: name, address: "192.0.2.1").0
        }

        func enter(byLink name: String) async throws -> Entry {
            try await links.enter(token, name: name, password: nil, address: "192.0.2.1")
        }

        func token(of entry: Entry) throws -> GrantToken { try #require(house.accounts.grantChecker.check(entry.token)) }
        func holds(_ entry: Entry) -> Bool { house.accounts.grantChecker.check(entry.token) != nil }
    }

    private func withShoot(_ driver: TestDriver = .sqlite, _ body: (Shoot) async throws -> Void) async throws {
        try await TestHouse.with(driver) { house in
            let session = try await house.sessions.create(
                title: "One", accessCode: "one-1", owner: try await house.photographer().userID!)
            let links = house.links()
            let link = try await links.create(LinkInput(name: "Family", rights: ["download"], maxUses: 1), in: session.id, at: "")
            let token = try #require(link.url?.split(separator: "/").last.map(String.init))
            try await body(Shoot(house: house, links: links, id: session.id, link: link.id, token: token))
        }
    }

    @Test("a new code, or less to save, shows out who came by the code, and nobody who came by a link", arguments: [
        SessionChange(accessCode: "two-2"), SessionChange(settings: SettingsChange(downloads: SessionSettings.Downloads.none)),
    ])
    func codes(change: SessionChange) async throws {
        try await withShoot { shoot in
            // By the last use that the link allows.
            let (byCode, byLink) = (try await shoot.enter(byCode: "Ann"), try await shoot.enter(byLink: "Bo"))
            _ = try await shoot.house.sessions.update(shoot.id, change)
            #expect(!shoot.holds(byCode) && shoot.holds(byLink))
            #expect(shoot.house.accounts.grantChecker.check(byLink.mediaToken) != nil)
            try await shoot.house.sessions.delete(shoot.id)
            #expect(!shoot.holds(byLink))
        }
    }

    @Test("all guests are listed, and one of them is shown out on every node within two seconds", arguments: TestDriver.installed)
    func list(driver: TestDriver) async throws {
        try await withShoot(driver) { shoot in
            let elsewhere = shoot.house.anotherNode()
            try await elsewhere.revocations.refresh()
            let ann = try await shoot.enter(byCode: "Ann")
            shoot.house.clock.advance(by: .seconds(1))
            let bo = try await shoot.enter(byLink: "Bo")
            let page = try await shoot.house.sessions.guests(of: shoot.id, after: nil, limit: 1)
            let rest = try await shoot.house.sessions.guests(
                of: shoot.id, after: try page.nextCursor.map(Cursor.init), limit: 5)
            let guests = page.items + rest.items
            #expect(guests.map(\.name) == ["Bo", "Ann"] && guests.map(\.link) == [shoot.link, nil] && rest.nextCursor == nil)
            #expect(guests.map(\.id) == [try shoot.token(of: bo).grantID, try shoot.token(of: ann).grantID])
            #expect(guests[0].rights == ["view", "download"] && guests[0].expiresAt == bo.expiresAt)
            let feed = Task { await elsewhere.revocations.run() }
            try await shoot.house.sessions.showOut(guests[0].id, of: shoot.id)
            #expect(!shoot.holds(bo) && shoot.holds(ann))
            try await eventually("the other node to hear of it", within: .seconds(5)) {
                elsewhere.grantChecker.check(bo.mediaToken) == nil ? () : nil
            }
            #expect(elsewhere.grantChecker.check(ann.mediaToken) != nil)
            #expect(try await shoot.house.sessions.guests(of: shoot.id, after: nil, limit: 5).items.map(\.name) == ["Ann"])
            feed.cancel()
            await feed.value
        }
    }

    @Test("nobody is shown out of another session, nor anybody but guests")
    func others() async throws {
        try await withShoot { shoot in
            let ann = try await shoot.enter(byCode: "Ann")
            let owner = try await shoot.house.photographer("eve")
            let other = try await shoot.house.sessions.create(title: "Two", owner: owner.userID!)
            try await shoot.house.sessions.showOut(try shoot.token(of: ann).grantID, of: other.id)
            #expect(shoot.holds(ann))
            let membership = try #require(try await shoot.house.database.read { tx in
                try shoot.house.accounts.grants.membership(of: owner.userID!, in: other.id, transaction: tx)
            })
            try await shoot.house.sessions.showOut(membership.id, of: other.id)
            #expect(try await shoot.house.door.resource(owner, other.id) == .session(other.id, held: .owner))
            let nowhere = SessionID(at: shoot.house.clock.now())
            await #expect(throws: Problem.notFound("session")) { try await shoot.house.sessions.showOut(nil, of: nowhere) }
            await #expect(throws: Problem.notFound("session")) {
                try await shoot.house.sessions.guests(of: nowhere, after: nil, limit: 5)
            }
        }
    }

    @Test("a guest leaves, and takes nobody along")
    func leaving() async throws {
        try await withShoot { shoot in
            let (ann, bo) = (try await shoot.enter(byCode: "Ann"), try await shoot.enter(byCode: "Bo"))
            let sessions = shoot.house.sessions
            try await sessions.leave(shoot.id, as: .anonymous)
            try await sessions.leave(shoot.id, as: try await shoot.house.photographer("eve"))
            let other = try await sessions.create(title: "Two", owner: try await shoot.house.photographer("joe").userID!)
            try await sessions.leave(other.id, as: .guest(try shoot.token(of: ann)))
            #expect(shoot.holds(ann) && shoot.holds(bo))
            try await sessions.leave(shoot.id, as: .guest(try shoot.token(of: ann)))
            #expect(!shoot.holds(ann) && shoot.holds(bo))
            #expect(shoot.house.accounts.grantChecker.check(ann.mediaToken) == nil)
        }
    }

    @Test("nobody learns by leaving which sessions there are, and strangers have nothing written for it")
    func leavingNothing() async throws {
        try await withShoot { shoot in
            let (house, ann) = (shoot.house, try shoot.token(of: try await shoot.enter(byCode: "Ann")))
            try await house.sessions.delete(shoot.id)
            let idle = SessionService(
                database: Untouched(), grants: house.accounts.grants, signer: house.accounts.grantChecker,
                attempts: house.accounts.attempts, jobs: house.jobs, events: house.events, nudges: house.broker, accounts: house.accounts.accounts,
                clock: house.clock)
            let stranger = Principal.guest(GrantToken(
                grantID: ann.grantID, sessionID: SessionID(at: house.clock.now()), rights: .guest, expiresAt: ann.expiresAt))
            for principal in [Principal.anonymous, try await house.photographer("eve"), stranger] { try await idle.leave(shoot.id, as: principal) }
            try await house.sessions.leave(shoot.id, as: .guest(ann))
        }
    }

    @Test("guests and links are for people, and for keys that may manage")
    func keys() throws {
        let clock = ManualClock()
        let (now, session) = (clock.now(), SessionID(at: clock.now()))
        let owned = Resource.session(session, held: .owner)
        let guest = Principal.guest(GrantToken(grantID: GrantID(at: now), sessionID: session, rights: .guest, expiresAt: now))
        for action in [Action.manageGuests, .manageLinks] {
            for scope in Scope.allCases {
                let key = Principal.key(GrantID(at: now), owner: UserID(at: now), role: .photographer, scopes: [scope])
                #expect(Policy.allows(key, action, owned) == (scope == .manage ? .allow : .forbid))
            }
            #expect(Policy.allows(guest, action, .session(session, held: .guest)) == .forbid)
        }
    }
}

/// A database that nobody is to ask for anything.
private struct Untouched: Core.Database {
    private struct Touched: Error {}

    func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
        throw Touched()
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
        throw Touched()
    }
}
