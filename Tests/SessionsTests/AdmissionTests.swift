import Core
import Database
import Processing
import Testing

@testable import Sessions

@Suite("What a session has already")
struct AdmissionTests {
    private static let sha256 = String(repeating: "a", count: 64)

    @Test("is known by content and size, in that session alone; what had failed is tried again", arguments: TestDriver.installed)
    func known(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let owner = try await house.photographer()
            let session = try await house.sessions.create(title: "One", accessCode: "one-1", owner: owner.userID!)
            let other = try await house.sessions.create(title: "Two", accessCode: "two-2", owner: owner.userID!)
            let upload = house.upload(into: session.id)
            try await house.database.write { tx in
                _ = try house.intake.completed(upload, in: tx)
                #expect(try house.intake.known(sha256: Self.sha256, size: 3, in: session.id, transaction: tx) == PhotoID(upload.id))
                #expect(try house.intake.known(sha256: Self.sha256, size: 4, in: session.id, transaction: tx) == nil)
                #expect(try house.intake.known(sha256: Self.sha256, size: 3, in: other.id, transaction: tx) == nil)
                #expect(try house.intake.original(sha256: Self.sha256, in: session.id, transaction: tx) == upload.objectKey)
                #expect(try house.intake.original(sha256: Self.sha256, in: other.id, transaction: tx) == nil)
            }
        }
    }

    @Test("is known too when it is not what its photo displays, and counts like any other file", arguments: TestDriver.installed)
    func companions(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let owner = try await house.photographer()
            let session = try await house.sessions.create(title: "One", accessCode: "one-1", owner: owner.userID!)
            let key = GrantID(at: house.clock.now())
            var raw = house.upload(into: session.id)
            (raw.uploaderID, raw.grantID, raw.declaration.filename) = (owner.userID, key, "IMG_1.NEF")
            var still = house.upload(into: session.id, sha256: String(repeating: "b", count: 64))
            (still.uploaderID, still.size) = (owner.userID, 4)
            let files = [raw, still]
            try await house.database.write { tx in
                for file in files { _ = try house.intake.completed(file, in: tx) }
                let photo = PhotoID(files[0].id)
                #expect(try house.intake.known(sha256: files[0].sha256, size: 3, in: session.id, transaction: tx) == photo)
                #expect(try house.intake.known(sha256: files[1].sha256, size: 4, in: session.id, transaction: tx) == photo)
                #expect(try house.intake.known(sha256: files[0].sha256, size: 4, in: session.id, transaction: tx) == nil)
                for file in files {
                    let key = try house.intake.original(sha256: file.sha256, in: session.id, transaction: tx)
                    #expect(key == file.objectKey)
                }
                let door = house.door
                #expect(try door.stored(for: .session(session.id), in: tx) == UploadUsage(files: 2, bytes: 7))
                #expect(try door.stored(for: .account(owner.userID!), in: tx) == UploadUsage(files: 2, bytes: 7))
                #expect(try door.stored(for: .grant(key), in: tx) == UploadUsage(files: 1, bytes: 3))
            }
        }
    }

    @Test("is counted for the session, the account and the key", arguments: TestDriver.installed)
    func usage(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let owner = try await house.photographer()
            let session = try await house.sessions.create(title: "One", accessCode: "one-1", owner: owner.userID!)
            var upload = house.upload(into: session.id)
            upload.uploaderID = owner.userID
            upload.grantID = GrantID(at: house.clock.now())
            let (one, two) = (upload, house.upload(into: session.id, sha256: String(repeating: "b", count: 64)))
            try await house.database.write { tx in
                for upload in [one, two, two] { _ = try house.intake.completed(upload, in: tx) }
                #expect(try house.door.stored(for: .session(session.id), in: tx) == UploadUsage(files: 2, bytes: 6))
                #expect(try house.door.stored(for: .account(owner.userID!), in: tx) == UploadUsage(files: 1, bytes: 3))
                #expect(try house.door.stored(for: .grant(one.grantID!), in: tx) == UploadUsage(files: 1, bytes: 3))
                #expect(try house.door.quota(of: session.id, in: tx) == .unlimited)
            }
        }
    }
}
