import Accounts
import Core
import Database
import Foundation
import Logging
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

    @Test("is nowhere any more once the session is deleted for good")
    func deleted() async throws {
        try await TestHouse.with { house in
            let owner = try await house.photographer()
            let session = try await house.sessions.create(title: "One", accessCode: "one-1", owner: owner.userID!)
            let upload = house.upload(into: session.id)
            try await house.database.write { tx in _ = try house.intake.completed(upload, in: tx) }
            for isDeleted in [false, true] {
                if isDeleted {
                    try await house.sessions.delete(session.id)
                    house.clock.advance(by: SessionPurger.grace)
                }
                let key = try await house.database.read { tx in
                    try house.intake.original(sha256: Self.sha256, in: session.id, transaction: tx)
                }
                #expect(key == (isDeleted ? nil : upload.objectKey))
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

    @Test("is counted in few steps however many files there are, by many at the same time too", arguments: TestDriver.installed)
    func ledger(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let (session, account) = (SessionID(at: house.clock.now()), UserID(at: house.clock.now()))
            let other = SessionID(at: house.clock.now())
            func file(_ session: SessionID) -> CompletedUpload {
                var file = house.upload(into: session, sha256: UUID().uuidString)
                file.uploaderID = account
                return file
            }
            func lines() async throws -> Int? {
                try await house.database.read { tx in
                    try tx.first("SELECT COUNT(*) AS lines FROM file_usage WHERE holder = \(account)")?.get("lines")
                }
            }
            let count = FileUsage.maxLines + 100
            let files = (0..<count).map { _ in file(session) }
            try await house.database.write { tx in for file in files { try FileUsage().add(file, tx) } }
            let all = UploadUsage(files: count, bytes: Int64(3 * count))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let found = try await house.database.write(.readCommitted) { try house.door.stored(for: .account(account), in: $0) }
                        #expect(found.files >= count && found.bytes == Int64(3 * found.files))
                    }
                    let more = file(other)
                    group.addTask { try await house.database.write { try FileUsage().add(more, $0) } }
                }
                try await group.waitForAll()
            }
            #expect(try await lines() ?? .max <= 9)
            let (found, ofSession) = try await house.database.write(.readCommitted) { tx throws in
                (try house.door.stored(for: .account(account), in: tx), try house.door.stored(for: .session(session), in: tx))
            }
            #expect(found == all + UploadUsage(files: 8, bytes: 24))
            #expect(ofSession == all)
        }
    }

    @Test("counts no more once it is purged", arguments: TestDriver.installed)
    func purged(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let owner = try await house.photographer()
            let kept = try await house.sessions.create(title: "One", accessCode: "one-1", owner: owner.userID!)
            let gone = try await house.sessions.create(title: "Two", accessCode: "two-2", owner: owner.userID!)
            for session in [kept, gone] {
                var raw = house.upload(into: session.id)
                (raw.uploaderID, raw.declaration.filename) = (owner.userID, "IMG_1.NEF")
                var still = house.upload(into: session.id, sha256: String(repeating: "b", count: 64))
                still.uploaderID = owner.userID
                let files = [raw, still]
                try await house.database.write { tx in for file in files { _ = try house.intake.completed(file, in: tx) } }
            }
            try await house.sessions.delete(gone.id)
            house.clock.advance(by: .seconds(8 * 86_400))
            let purger = SessionPurger(
                database: house.database, objects: house.objects, renditions: house.renditions, clock: house.clock,
                logger: Logger(label: "test"))
            try await purger.purge()
            try await house.database.write(.readCommitted) { tx throws in
                #expect(try house.door.stored(for: .account(owner.userID!), in: tx) == UploadUsage(files: 2, bytes: 6))
                #expect(try house.door.stored(for: .session(kept.id), in: tx) == UploadUsage(files: 2, bytes: 6))
                #expect(try tx.query("SELECT id FROM file_usage WHERE holder = \(gone.id)").isEmpty)
                #expect(try tx.query("SELECT id FROM file_usage WHERE holder = \(owner.userID!)").count == 1)
            }
        }
    }

    @Test("is written down by the migration for files from before", arguments: TestDriver.installed)
    func migration(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let owner = try await house.photographer()
            let session = try await house.sessions.create(title: "One", accessCode: "one-1", owner: owner.userID!)
            var raw = house.upload(into: session.id)
            (raw.uploaderID, raw.grantID, raw.declaration.filename) = (owner.userID, GrantID(at: house.clock.now()), "IMG_1.NEF")
            var still = house.upload(into: session.id, sha256: String(repeating: "b", count: 64))
            (still.uploaderID, still.size) = (owner.userID, 4)
            let files = [raw, still]
            try await house.database.write { tx in for file in files { _ = try house.intake.completed(file, in: tx) } }
            let migrator = try Migrator(house.database, migrations: TestHouse.migrations)
            try await migrator.down(to: 304)
            try await migrator.up()
            try await house.database.write(.readCommitted) { tx throws in
                #expect(try house.door.stored(for: .session(session.id), in: tx) == UploadUsage(files: 2, bytes: 7))
                #expect(try house.door.stored(for: .account(owner.userID!), in: tx) == UploadUsage(files: 2, bytes: 7))
                #expect(try house.door.stored(for: .grant(files[0].grantID!), in: tx) == UploadUsage(files: 1, bytes: 3))
            }
        }
    }
}
