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

    @Test func `is no party, whatever it was`() async throws {
        try await TestHouse.with { house in
            let (_, id) = try await Self.begun(house, Self.document(house) { $0.occasion.type = .party })
            #expect(try await house.sessions.view(id, rights: .owner).type == .event)
        }
    }

    @Test func `has a photo of whatever of its files is there`() async throws {
        try await TestHouse.with { house in
            let shoot = try await PairIntakeTests.Shoot(house)
            let display = shoot.file("IMG_1.JPG")
            try await shoot.send(display)
            let exporter = SessionExporter(database: house.database, clock: house.clock)
            var document = try #require(try await exporter.photos(of: shoot.session, after: nil, limit: 1).first).document
            let importer = SessionImporter(house.sessions, intake: house.intake)
            let id = try await importer.begin(Self.document(house), picture: nil, owner: shoot.owner.userID!).id
            let raw = house.upload(into: id, sha256: String(repeating: "b", count: 64))
            func file(_ upload: CompletedUpload, _ role: OriginalFileView.Role, _ path: String?) -> PhotoDocument.File {
                .init(role: role, filename: "IMG_1", contentType: "image/jpeg", size: 3, sha256: upload.sha256, path: path)
            }
            document.files = [file(display, .primary, nil), file(raw, .raw, "originals/IMG_1.CR3")]
            document.leaveOutLost()
            #expect(document.files.map(\.role) == [.primary] && document.files.map(\.sha256) == [raw.sha256])
            let photo = try await importer.add(document, [raw], to: id)
            #expect(try await importer.photo(sha256: raw.sha256, in: id) == photo)
            document.files[0].path = nil
            document.leaveOutLost()
            #expect(document.files.isEmpty)
        }
    }
}
