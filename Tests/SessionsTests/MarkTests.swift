import Core
import Synchronization
import Testing

@testable import Sessions

@Suite("Favourites and likes")
struct MarkTests {
    @Test("each likes a photo once, and everybody sees how many do", arguments: TestDriver.installed)
    func likes(driver: TestDriver) async throws {
        try await Gallery.with(driver) { gallery in
            let events = SentEvents()
            let marks = gallery.house.marks(events)
            let (ann, bo) = (try await gallery.chooser("Ann"), try await gallery.chooser("Bo"))
            let photo = gallery.photos[0]
            for _ in 0..<2 { #expect(try await marks.set(.like, isOn: true, of: photo, by: ann).likes == 1) }
            let second = try await marks.set(.like, isOn: true, of: photo, by: bo)
            #expect(second.likes == 2 && second.isLiked && !second.isFavourite)
            for _ in 0..<2 { #expect(try await marks.set(.like, isOn: false, of: photo, by: ann).likes == 1) }
            let told = events.sent.withLock { $0 }
            #expect(told.map(\.name) == Array(repeating: "photo_liked", count: 3) && Set(told.map(\.topic)) == [.session(gallery.session)])
            #expect(try told.map { try JSON.decode(PhotoLiked.self, from: $0.data).likes } == [1, 2, 1])
            #expect(try JSON.decode(JSONValue.self, from: told[0].data)["photoId"] == .string(photo.description))
        }
    }

    @Test("a favourite is its owner's affair, by which lists are filtered; staff sees the count", arguments: TestDriver.installed)
    func favourites(driver: TestDriver) async throws {
        try await Gallery.with(driver) { gallery in
            let (guest, other) = (try await gallery.guest("Ann"), try await gallery.guest("Bo"))
            let (marks, photo) = (gallery.house.marks(), gallery.photos[1])
            _ = try await marks.set(.favourite, isOn: true, of: photo, by: try Chooser(guest, rights: .view))
            func views(_ principal: Principal, _ rights: Rights, ofOwn: Bool = false) async throws -> [PhotoView] {
                var query = PhotoQuery()
                if ofOwn { query.favouritesOf = Person(principal) }
                return try await gallery.house.photos.list(gallery.session, query, for: principal, rights: rights, after: nil, limit: 9).items
            }
            let own = try await views(guest, .view)
            #expect(own.filter { $0.isFavourite == true }.map(\.id) == [photo] && own.allSatisfy { $0.isLiked == false && $0.favourites == nil })
            #expect(try await views(guest, .view, ofOwn: true).map(\.id) == [photo])
            #expect(try await views(other, .view, ofOwn: true).isEmpty)
            #expect(try await views(other, .view).allSatisfy { $0.isFavourite == false })
            #expect(try await views(gallery.owner, .owner).first { $0.id == photo }?.favourites == 1)
            let seen = try await gallery.house.photos.view(photo, for: guest, rights: .view)
            #expect(seen.isFavourite == true)
            try PhotoView.schema.validate(try JSON.decode(from: try JSON.text(seen)))
            _ = try await marks.set(.favourite, isOn: false, of: photo, by: try Chooser(guest, rights: .view))
            #expect(try await views(guest, .view, ofOwn: true).isEmpty)
        }
    }

    @Test("nobody marks what they are not shown, nor is told of it; and nothing is left of a photo that goes")
    func unseen() async throws {
        try await Gallery.with(hidden: 1) { gallery in
            let events = SentEvents()
            let (marks, ann) = (gallery.house.marks(events), try await gallery.chooser())
            #expect(await gallery.code { try await marks.set(.like, isOn: true, of: gallery.photos[3], by: ann) } == "not_found")
            let missing = PhotoID(at: gallery.house.clock.now())
            #expect(await gallery.code { try await marks.set(.like, isOn: true, of: missing, by: ann) } == "not_found")
            #expect(try await marks.set(.like, isOn: true, of: gallery.photos[3], by: try gallery.staff).likes == 1)
            #expect(events.sent.withLock { $0.isEmpty })
            _ = try await marks.set(.like, isOn: true, of: gallery.photos[0], by: ann)
            try await gallery.house.database.write { tx in try PhotoStore().remove(gallery.photos, tx) }
            let left = try await gallery.house.database.read { tx in try tx.query("SELECT photo_id FROM photo_marks").count }
            #expect(left == 0)
        }
    }

    @Test("who marks too fast has to wait")
    func pace() async throws {
        try await Gallery.with { gallery in
            let (marks, ann) = (gallery.house.marks(), try await gallery.chooser())
            for number in 0..<300 { _ = try await marks.set(.like, isOn: number % 2 == 0, of: gallery.photos[0], by: ann) }
            #expect(await gallery.code { try await marks.set(.like, isOn: true, of: gallery.photos[0], by: ann) } == "too_many_requests")
        }
    }
}
