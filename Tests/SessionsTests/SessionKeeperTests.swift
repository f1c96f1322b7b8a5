import Accounts
import Core
import Logging
import Testing

@testable import Sessions

@Suite struct `What becomes of sessions by themselves` {
    private static let now = Timestamp(milliseconds: 1_795_000_000_000)

    /// Days from now, before it when negative.
    private struct Case: Sendable, CustomTestStringConvertible {
        var status = Session.Status.active
        var ended: Int?
        var endsAt: Int?
        var expireAt: Int?
        var archiveAfter: Int?
        var deleteAfter: Int?
        var warned: Int?
        var restored: Int?
        var imported: Int?
        var fate: Session.Fate?
        var at: Int?

        var testDescription: String { "\(status) \(String(describing: fate)) on day \(at ?? 0)" }

        func session() -> Session {
            func day(_ count: Int?) -> Timestamp? { count.map { now + .seconds($0 * 86_400) } }
            var settings = SessionSettings()
            settings.expireAt = day(expireAt)
            settings.retention = Retention(archiveAfterDays: archiveAfter, deleteAfterDays: deleteAfter)
            var session = Session(
                id: SessionID(at: now), ownerID: UserID(at: now), title: "One", about: "", status: status, accessCode: "one-1",
                settings: settings, createdAt: now, updatedAt: now)
            session.occasion.endsAt = day(endsAt)
            session.history.endedAt = day(ended)
            session.history.warnedAt = day(warned)
            session.history.restoredAt = day(restored)
            session.history.importedAt = day(imported)
            return session
        }
    }

    @Test(arguments: [
        Case(), Case(archiveAfter: 1, deleteAfter: 9),
        Case(expireAt: 3, fate: .archived, at: 3), Case(status: .archived, expireAt: 3),
        Case(expireAt: -3, restored: -1), Case(expireAt: 3, restored: -1, fate: .archived, at: 3),
        Case(endsAt: 1, archiveAfter: 2, fate: .archived, at: 3), Case(status: .ended, ended: -4, endsAt: 1, archiveAfter: 2, fate: .archived, at: -2),
        Case(status: .ended, ended: -4, archiveAfter: 2, restored: -1),
        Case(status: .ended, ended: 0, deleteAfter: 30, fate: .warned, at: 23), Case(status: .ended, ended: 0, archiveAfter: 10, deleteAfter: 30, fate: .archived, at: 10),
        Case(status: .archived, ended: 0, archiveAfter: 10, deleteAfter: 30, fate: .warned, at: 23),
        Case(status: .archived, ended: 0, deleteAfter: 30, warned: 23, fate: .deleted, at: 30),
        // Nobody is taken by surprise.
        Case(status: .ended, ended: -400, deleteAfter: 30, fate: .warned, at: -377), Case(status: .ended, ended: -400, deleteAfter: 30, warned: 0, fate: .deleted, at: 7),
        // What was over long before it came here is kept for as long as what is over now.
        Case(endsAt: -400, deleteAfter: 30, imported: 0, fate: .warned, at: 23), Case(endsAt: 5, deleteAfter: 30, imported: 0, fate: .warned, at: 28),
        Case(status: .ended, ended: -400, archiveAfter: 1, deleteAfter: 30, imported: 0, fate: .archived, at: 1),
    ])
    private func `follows from their dates and rules`(case: Case) {
        let next = `case`.session().nextFate
        #expect(next?.fate == `case`.fate)
        #expect(next?.at == `case`.at.map { Self.now + .seconds($0 * 86_400) })
    }

    @Test(arguments: TestDriver.installed)
    func `is done when it is due, and its managers are told before anything is deleted`(driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let owner = try await house.photographer()
            let kept = try await house.sessions.create(title: "Kept", owner: owner.userID!)
            let session = try await house.sessions.create(title: "One", owner: owner.userID!)
            _ = try await house.put(
                session.id, #"{"status":"ended","settings":{"retention":{"archiveAfterDays":1,"deleteAfterDays":3}}}"#)
            let keeper = SessionKeeper(house.sessions, managers: house.accounts.grants, logger: Logger(label: "test"))
            func status(after days: Int) async throws -> Session.Status? {
                house.clock.advance(by: .seconds(days * 86_400))
                try await keeper.keep()
                return try? await house.sessions.view(session.id, rights: .owner).status
            }
            #expect(try await status(after: 0) == .ended)
            #expect(try await status(after: 1) == .archived)
            _ = try await house.sessions.restore(session.id)
            #expect(try await status(after: 0) == .ended, "whoever restored it does not want it archived again")
            #expect(try await status(after: 5) == .ended, "they have been told only on the day of its end")
            #expect(try await house.expiring(owner.userID!).map(\.sessionId) == [session.id])
            #expect(try await status(after: 2) == nil)
            #expect(try await house.expiring(owner.userID!).count == 1)
            #expect(try await house.sessions.view(kept.id, rights: .owner).status == .active)
        }
    }

    @Test(arguments: TestDriver.installed)
    func `is not put off by archiving it`(driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let end = house.clock.now() + .seconds(86_400)
            let session = try await house.sessions.create(title: "One", owner: try await house.photographer().userID!)
            _ = try await house.put(
                session.id,
                #"{"endsAt":"\#(end)","timeZone":"UTC","settings":{"retention":{"archiveAfterDays":30,"deleteAfterDays":60}}}"#)
            let keeper = SessionKeeper(house.sessions, managers: house.accounts.grants, logger: Logger(label: "test"))
            house.clock.advance(by: .seconds(40 * 86_400))
            try await keeper.keep()
            let archived = try #require(try await house.database.read { try SessionStore().find(session.id, $0) })
            #expect(archived.status == .archived && archived.deletionAt == end + .seconds(60 * 86_400))
        }
    }

    @Test func `includes that old changes are forgotten`() async throws {
        try await TestHouse.with { house in
            let session = try await house.sessions.create(title: "One", owner: try await house.photographer().userID!)
            house.clock.advance(by: .seconds(2 * 86_400))
            _ = try await house.put(session.id, #"{"title":"Two"}"#)
            let keeper = SessionKeeper(
                house.sessions, managers: house.accounts.grants, logger: Logger(label: "test"), auditRetention: .seconds(86_400))
            try await keeper.forget()
            #expect(try await house.sessions.audit(of: session.id, after: nil, limit: 9).items.map(\.action) == ["session_updated"])
        }
    }
}

extension TestHouse {
    /// What an account was told of sessions that are about to be deleted.
    func expiring(_ user: UserID) async throws -> [ExpiryNotice] {
        let rows = try await database.read { tx in
            try tx.query("SELECT data FROM outbox WHERE topic = \(Topic.user(user).name) AND name = 'session_expiring' ORDER BY id")
        }
        return try rows.map { try JSON.decode(from: try $0.get("data", as: String.self)) }
    }
}
