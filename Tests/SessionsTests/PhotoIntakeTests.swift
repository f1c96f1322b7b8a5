import Accounts
import Core
import Database
import Foundation
import Testing

@testable import Sessions

@Suite("From upload to photo")
struct PhotoIntakeTests {
    static let facts = MediaFacts(kind: .photo, contentType: "image/jpeg", width: 6000, height: 4000, exif: located)
    static var located: MediaFacts.Exif {
        var exif = MediaFacts.Exif()
        exif.make = "Nikon"
        exif.latitude = 48.1
        return exif
    }

    /// A session, its owner, and a photo whose upload has just ended.
    private func photo(
        _ house: TestHouse
    ) async throws -> (Principal, SessionView, CompletedUpload) {
        let owner = try await house.photographer()
        let session = try await house.sessions.create(title: "One", accessCode: "one-1", owner: owner.userID!)
        let upload = house.upload(into: session.id)
        _ = try await house.database.write { tx in try house.intake.completed(upload, in: tx) }
        return (owner, session, upload)
    }

    @Test("the desk hears of a received photo, the guests only once it can be shown")
    func announcements() async throws {
        try await TestHouse.with { house in
            let (_, session, upload) = try await photo(house)
            let job = house.job(upload)
            #expect(try await house.events(.desk(session.id)) == ["photo_status_updated"])
            #expect(try await house.events(.session(session.id)).isEmpty)
            try await house.database.write { tx in
                try house.intake.inspected(job, Self.facts, in: tx)
                try house.intake.thumbnailReady(job, in: tx)
                try house.intake.finished(job, in: tx)
            }
            #expect(try await house.events(.session(session.id)) == ["new_photo", "photo_status_updated"])
        }
    }

    @Test("what comes twice changes and tells nothing")
    func idempotence() async throws {
        try await TestHouse.with { house in
            let (_, session, upload) = try await photo(house)
            let job = house.job(upload)
            for _ in 0..<2 {
                try await house.database.write { tx in
                    try house.intake.inspected(job, Self.facts, in: tx)
                    try house.intake.thumbnailReady(job, in: tx)
                    try house.intake.finished(job, in: tx)
                }
            }
            let again = try await house.database.write { tx in try house.intake.completed(upload, in: tx) }
            #expect(again == .created(PhotoID(upload.id)))
            #expect(try await house.events(.session(session.id)) == ["new_photo", "photo_status_updated"])
        }
    }

    @Test("the same bytes in the same session are the same photo, in another session another")
    func duplicates() async throws {
        try await TestHouse.with { house in
            let (owner, session, upload) = try await photo(house)
            house.clock.advance(by: .seconds(1))
            let copy = house.upload(into: session.id)
            let outcome = try await house.database.write { tx in try house.intake.completed(copy, in: tx) }
            #expect(outcome == .duplicate(of: PhotoID(upload.id)))
            let other = try await house.sessions.create(title: "Two", owner: owner.userID!)
            let elsewhere = house.upload(into: other.id)
            let second = try await house.database.write { tx in try house.intake.completed(elsewhere, in: tx) }
            #expect(second == .created(PhotoID(elsewhere.id)))
        }
    }

    @Test("a guest does not see the place, the file name, or a photo that is not shown; staff does")
    func views() async throws {
        try await TestHouse.with { house in
            let (owner, session, upload) = try await photo(house)
            let (_, token) = try await house.sessions.enter(nil, code: "one-1", name: nil, address: "a")
            let id = PhotoID(upload.id)
            await #expect(throws: Problem.notFound("photo")) {
                try await house.photos.view(id, for: .guest(token), rights: token.rights)
            }
            try await house.database.write { tx in
                try house.intake.inspected(house.job(upload), Self.facts, in: tx)
                try house.intake.thumbnailReady(house.job(upload), in: tx)
            }
            let guest = try await house.photos.view(id, for: .guest(token), rights: token.rights)
            #expect(guest.exif?.make == "Nikon" && guest.exif?.latitude == nil)
            #expect(guest.filename == nil && guest.original == nil)
            let staff = try await house.photos.view(id, for: owner, rights: .owner)
            let shared = staff.original?.url.split(separator: "=").last.flatMap { house.accounts.grantChecker.check(String($0)) }
            #expect(shared?.rights == [.view, .original, .desk, .download, .mediaOnly])
            #expect(staff.exif?.latitude == 48.1 && staff.filename == "IMG_1.JPG" && staff.original != nil)
            try PhotoView.schema.validate(try JSON.decode(from: try JSON.encode(staff)))
        }
    }

    @Test("a failed photo tells the desk why and can be tried again, once")
    func failure() async throws {
        try await TestHouse.with { house in
            let (owner, session, upload) = try await photo(house)
            await #expect(throws: Problem.self) { try await house.photos.requeue(PhotoID(upload.id)) }
            try await house.database.write { tx in
                try house.intake.failed(house.job(upload), .init(code: "damaged", detail: "It is torn."), in: tx)
            }
            let view = try await house.photos.view(PhotoID(upload.id), for: owner, rights: .owner)
            #expect(view.status == .failed && view.failure?.code == "damaged" && view.failure?.help.hasSuffix(".") == true)
            #expect(try await house.events(.session(session.id)).isEmpty)
        }
    }

    @Test("pages of photos stay stable while photos arrive")
    func paging() async throws {
        try await TestHouse.with { house in
            let (owner, session, _) = try await photo(house)
            for index in 0..<4 {
                house.clock.advance(by: .seconds(1))
                let upload = house.upload(into: session.id, sha256: String(repeating: "\(index)", count: 64))
                _ = try await house.database.write { tx in try house.intake.completed(upload, in: tx) }
            }
            let first = try await house.photos.list(session.id, for: owner, rights: .owner, after: nil, limit: 2)
            house.clock.advance(by: .seconds(1))
            let late = house.upload(into: session.id, sha256: String(repeating: "f", count: 64))
            _ = try await house.database.write { tx in try house.intake.completed(late, in: tx) }
            let cursor = try first.nextCursor.map(Cursor.init)
            let second = try await house.photos.list(session.id, for: owner, rights: .owner, after: cursor, limit: 10)
            #expect(second.nextCursor == nil)
            #expect(Set((first.items + second.items).map(\.id)).count == 5)
            #expect(!second.items.contains { $0.id == PhotoID(late.id) })
        }
    }
}
