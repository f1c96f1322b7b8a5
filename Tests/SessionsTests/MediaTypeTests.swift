import Accounts
import Broker
import Core
import Database
import Processing
import Testing

@testable import Sessions

@Suite("Unwanted types")
struct MediaTypeTests {
    /// Only photos, small ones.
    private static var strict: MediaRules {
        var rules = MediaRules()
        rules.allowed = MediaRules.Pattern("image/*").map { [$0] }
        rules.limits = MediaRules.Pattern("image/*").map { [(pattern: $0, bytes: Int64(2))] } ?? []
        return rules
    }

    private func with(_ body: (TestHouse, Principal, SessionID) async throws -> Void) async throws {
        try await TestHouse.with { house in
            let owner = try await house.photographer()
            let session = try await house.sessions.create(title: "One", accessCode: "one-1", owner: owner.userID!)
            try await body(house, owner, session.id)
        }
    }

    private func intake(_ house: TestHouse) -> PhotoIntake {
        PhotoIntake(
            jobs: house.jobs, renditions: house.renditions, grants: house.accounts.grants, names: house.accounts.accounts,
            events: Outbox(transport: house.broker, clock: house.clock), clock: house.clock, media: Self.strict)
    }

    private func jobs(_ house: TestHouse) async throws -> Int {
        try await house.database.read { tx in try tx.query("SELECT id FROM processing_jobs").count }
    }

    @Test(
        "are refused before their bytes come, by name, declared type and length",
        arguments: [
            ("a.jpg", "image/jpeg", 2, nil, nil), ("a", "", 9, nil, nil), ("a.jpg", "", 3, 413, "too_large"),
            ("a.jpg", "application/x-www-form-urlencoded", 2, nil, nil), ("a", "application/x-nobody", 9, nil, nil),
            ("a.mp4", "application/x-www-form-urlencoded", 1, 415, "unsupported_type"), ("a", "image/svg+xml", 1, 415, "unsupported_type"),
            ("a.mp4", "video/mp4", 1, 415, "unsupported_type"), ("a.txt", "", 1, 415, "unsupported_type"),
        ] as [(String, String, Int64, Int?, String?)])
    func admission(name: String, type: String, length: Int64, status: Int?, code: String?) async throws {
        try await with { house, owner, session in
            let door = SessionDoor(house.sessions, media: Self.strict)
            let declaration = UploadDeclaration(
                purpose: "session", target: session.description, filename: name, contentType: type, length: length, sha256: nil)
            var refusal: Problem?
            do { _ = try await door.admit(declaration, from: owner) } catch { refusal = error as? Problem }
            #expect(refusal?.status == status)
            #expect(refusal?.code == code)
            // What comes without a length is held to the same later.
            #expect(door.sizeLimit(of: declaration) == (name == "a.jpg" ? 2 : nil))
        }
    }

    @Test("become photos that have failed, with no work, when only their bytes tell", arguments: [
        (SniffedType.mp4, "unsupported_type"), (.jpeg, "too_large"),
    ])
    func content(type: SniffedType, code: String) async throws {
        try await with { house, owner, session in
            var upload = house.upload(into: session)
            upload.sniffed = type
            let (intake, sent) = (intake(house), upload)
            let outcome = try await house.database.write { tx in try intake.completed(sent, in: tx) }
            #expect(outcome == .created(PhotoID(upload.id)))
            let photo = try #require(try await house.database.read { tx in try intake.photos.find(outcome.photoID, tx) })
            #expect(photo.status == .failed && photo.failure?.code == code && photo.contentType == type.contentType)
            #expect(try await jobs(house) == 0)
            #expect(try await house.events(.desk(session)) == ["photo_status_updated"])
            // It comes again: nothing has changed, and nothing is kept twice.
            var again = house.upload(into: session)
            again.sniffed = type
            let repeated = again
            let second = try await house.database.write { tx in try intake.completed(repeated, in: tx) }
            #expect(second == .duplicate(of: outcome.photoID))
            #expect(try await jobs(house) == 0)
            #expect(try await house.database.write { tx in try intake.retry(outcome.photoID, tx) } == false)
            // The settings have changed.
            #expect(try await house.database.write { tx in try house.intake.retry(outcome.photoID, tx) })
            #expect(try await jobs(house) == 1)
            #expect(try await house.database.read { tx in try intake.photos.find(outcome.photoID, tx) }?.status == .processing)
        }
    }

    @Test("are told by the bytes, not by the name: a picture that is called raw pairs as a picture")
    func pairs() async throws {
        try await with { house, owner, session in
            var still = house.upload(into: session)
            (still.uploaderID, still.declaration.filename, still.sniffed) = (owner.userID, "IMG_1.NEF", .jpeg)
            #expect(PairingRules().file(still)?.part == .still)
            still.sniffed = .tiff
            #expect(PairingRules().file(still)?.contentType == "image/x-nikon-nef")
            still.sniffed = .gif
            #expect(PairingRules().file(still) == nil)
            still.sniffed = nil
            #expect(PairingRules().file(still)?.part == .raw)
        }
    }
}
