import Accounts
import Core
import Testing

@testable import Sessions

@Suite struct `A session that is taken over` {
    /// What another house has written down of a session.
    private static func document(_ house: TestHouse, _ body: (inout Session) -> Void = { _ in }) -> SessionDocument {
        let now = house.clock.now()
        var session = Session(
            id: SessionID(at: now), ownerID: UserID(at: now), title: "One", about: "", status: .active, accessCode: "one-1",
            settings: SessionSettings(), createdAt: now, updatedAt: now)
        body(&session)
        return SessionDocument(session, links: [], at: now)
    }

    private static func begun(_ house: TestHouse, _ document: SessionDocument) async throws -> (SessionImporter, SessionID) {
        let importer = SessionImporter(house.sessions, intake: house.intake)
        let owner = try await house.photographer().userID!
        return (importer, try await importer.begin(document, picture: nil, owner: owner).id)
    }

    @Test(arguments: TestDriver.installed)
    func `is closed to guests until all of it is there`(driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let document = Self.document(house)
            let (importer, id) = try await Self.begun(house, document)
            func enter() async throws -> GrantToken { try await house.sessions.enter(nil, code: "one-1", name: nil, address: "a").1 }
            let refused = await #expect(throws: Problem.self) { try await enter() }
            #expect(refused?.code == "session_archived")
            try await importer.end(id, as: document.status, cover: nil)
            let guest = try await enter()
            #expect(guest.sessionID == id)
            #expect(try await house.sessions.view(id, rights: .owner).status == .active)
            #expect(try await house.sessions.audit(of: id, after: nil, limit: 9).items.map(\.action) == ["session_imported", "session_created"])
        }
    }

    @Test(arguments: TestDriver.installed)
    func `shows those out who came in before it was archived again`(driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let document = Self.document(house) { ($0.status, $0.history.statusBefore) = (.archived, .active) }
            let (importer, id) = try await Self.begun(house, document)
            // Its owner cannot wait.
            _ = try await house.sessions.restore(id)
            let guest = try await house.sessions.enter(id, code: "one-1", name: nil, address: "a").1
            try await importer.end(id, as: document.status, cover: nil)
            #expect(house.accounts.grantChecker.isRevoked(guest.grantID))
            #expect(try await house.sessions.view(id, rights: .owner).status == .archived)
            #expect(try await house.sessions.restore(id).status == .ended)
        }
    }

    @Test(arguments: Session.Status.allCases)
    func `is kept as if it had ended today`(status: Session.Status) async throws {
        try await TestHouse.with { house in
            let document = Self.document(house) { session in
                session.status = status
                session.occasion.timeZone = "UTC"
                session.occasion.endsAt = house.clock.now() + .seconds(-400 * 86_400)
                session.settings.retention = Retention(deleteAfterDays: 30)
            }
            let (importer, id) = try await Self.begun(house, document)
            try await importer.end(id, as: status, cover: nil)
            let session = try #require(try await house.database.read { try SessionStore().find(id, $0) })
            #expect(session.status == status && session.deletionAt == house.clock.now() + .seconds(30 * 86_400))
        }
    }
}
