import Accounts
import Broker
import Core
import Foundation
import Database
import Processing
import Testing

@testable import Sessions

@Suite("The desk and its photos")
struct PhotoDeskTests {
    /// A session with shown photos, one second apart.
    struct Table {
        let house: TestHouse
        let owner: Principal
        let session: SessionView
        let guest: GrantToken
        var photos: [PhotoID] = []

        var editor: PhotoDesk.Editor { PhotoDesk.Editor(principal: owner, rights: .owner) }
        var desk: PhotoDesk { house.desk }

        init(_ house: TestHouse, photos count: Int, settings: String = "{}") async throws {
            self.house = house
            owner = try await house.photographer()
            session = try await house.sessions.create(
                title: "One", accessCode: "one-1", settings: try JSON.decode(from: settings), owner: owner.userID!)
            guest = try await house.sessions.enter(nil, code: "one-1", name: nil, address: "a").1
            for index in 0..<count { photos.append(try await add(index)) }
        }

        /// - Parameter uploader: `nil` for a guest.
        func add(_ index: Int, by uploader: UserID? = nil, grant: GrantID? = nil) async throws -> PhotoID {
            house.clock.advance(by: .seconds(1))
            let digits = String(index)
            var upload = house.upload(into: session.id, sha256: String(repeating: "0", count: 64 - digits.count) + digits)
            (upload.uploaderID, upload.grantID) = (uploader ?? owner.userID, grant)
            if grant != nil { upload.uploaderID = nil }
            let (done, job) = (upload, house.job(upload))
            try await house.database.write { tx in
                _ = try house.intake.completed(done, in: tx)
                try house.intake.inspected(job, PhotoIntakeTests.facts, in: tx)
                try house.intake.thumbnailReady(job, in: tx)
                try house.intake.finished(job, in: tx)
            }
            return PhotoID(upload.id)
        }

        func batch(_ action: String, _ photos: [PhotoID], _ more: String = "") async throws -> PhotoBatchResult {
            let ids = photos.map { "\"\($0)\"" }.joined(separator: ",")
            let text = #"{"sessionId":"\#(session.id)","photoIds":[\#(ids)],"action":"\#(action)"\#(more)}"#
            try PhotoBatch.schema.validate(try JSON.decode(from: text))
            let result = try await desk.perform(try JSON.decode(from: text), by: owner)
            try PhotoBatchResult.schema.validate(try JSON.value(of: result))
            return result
        }

        func seenByGuest(_ query: PhotoQuery = PhotoQuery()) async throws -> [PhotoID] {
            try await house.photos.list(
                session.id, query, for: .guest(guest), rights: guest.rights, after: nil, limit: 200
            ).items.map(\.id)
        }

        func seenByDesk(_ query: PhotoQuery = PhotoQuery(), pages limit: Int = 200) async throws -> [PhotoID] {
            var (found, cursor): ([PhotoID], Cursor?) = ([], nil)
            repeat {
                let page = try await house.photos.list(
                    session.id, query, for: owner, rights: .owner, after: cursor, limit: limit)
                found += page.items.map(\.id)
                cursor = try page.nextCursor.map(Cursor.init)
            } while cursor != nil
            return found
        }
    }

    @Test("what is taken from guests' eyes leaves their lists, is told to them, and is not in the history", arguments: TestDriver.installed)
    func withdrawal(_ driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let table = try await Table(house, photos: 2)
            let photo = table.photos[0]
            for (action, back) in [("reject", "approve"), ("hide", "publish"), ("delete", "restore")] {
                #expect(try await table.seenByGuest().contains(photo))
                #expect(try await table.batch(action, [photo]).done == 1)
                #expect(try await !table.seenByGuest().contains(photo), "\(action)")
                await #expect(throws: Problem.notFound("photo")) {
                    try await house.photos.view(photo, for: .guest(table.guest), rights: table.guest.rights)
                }
                #expect(try await table.batch(back, [photo]).done == 1)
            }
            let names = try await house.events(.session(table.session.id))
            #expect(names.suffix(6) == ["photo_deleted", "new_photo", "photo_deleted", "new_photo", "photo_deleted", "new_photo"])
            #expect(try await house.events(.desk(table.session.id)).suffix(2) == ["photo_deleted", "photo_status_updated"])
            _ = try await table.batch("reject", [photo])
            let history = try await house.broker.history(of: .session(table.session.id), after: 0, limit: 100).events
            for event in history where event.event.name != "photo_deleted" && event.event.data.contains(photo.description) {
                #expect(!event.event.data.contains("6000") && !event.event.data.contains("/media/"))
            }
        }
    }

    @Test("a photo that waits or was rejected has media for the desk alone")
    func media() async throws {
        try await TestHouse.with { house in
            let table = try await Table(house, photos: 1)
            let catalog = SessionMedia(database: house.database, renditions: house.renditions)
            let id = try await house.database.read { tx in try PhotoStore().find(table.photos[0], tx) }!.originalID
            #expect(try await catalog.file(.original(id))?.requiredRights == .original)
            _ = try await table.batch("reject", table.photos)
            #expect(try await catalog.file(.original(id))?.requiredRights == [.original, .desk])
        }
    }

    @Test(
        "whose photos wait is the session's to say, and who may publish never waits",
        arguments: [
            ("none", false, false, ReviewState.approved), ("guests", false, false, .approved), ("all", false, false, .pending),
            ("none", true, false, .approved), ("guests", true, false, .pending), ("all", true, false, .pending),
            ("guests", true, true, .approved), ("all", true, true, .approved),
        ])
    func review(mode: String, isGuest: Bool, isTrusted: Bool, state: ReviewState) async throws {
        try await TestHouse.with { house in
            let table = try await Table(house, photos: 0, settings: #"{"review":"\#(mode)"}"#)
            let now = house.clock.now()
            let grant = Grant(
                id: GrantID(at: now), kind: .guest, sessionID: table.session.id, rights: isTrusted ? [.upload, .publish] : .upload,
                createdAt: now)
            try await house.database.write { tx in try house.accounts.grants.add(grant, in: tx) }
            let photo = try await table.add(1, grant: isGuest ? grant.id : nil)
            #expect(try await house.photos.view(photo, for: table.owner, rights: .owner).review == state)
            #expect(try await table.seenByGuest() == (state == .approved ? [photo] : []))
            _ = try await table.batch("approve", [photo])
            #expect(try await table.seenByGuest() == [photo])
        }
    }

    @Test("each order gives every photo once, whatever the size of its pages", arguments: TestDriver.installed)
    func orders(_ driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let table = try await Table(house, photos: 7)
            _ = try await table.batch("edit", Array(table.photos.prefix(3)), #","change":{"rating":4}"#)
            _ = try await table.batch("arrange", [table.photos[5], table.photos[1]])
            for sort in PhotoQuery.Sort.allCases {
                var query = PhotoQuery()
                query.sort = sort
                let whole = try await table.seenByDesk(query)
                #expect(Set(whole) == Set(table.photos) && whole.count == 7)
                #expect(try await table.seenByDesk(query, pages: 2) == whole, "\(sort)")
            }
            var query = PhotoQuery()
            query.sort = .position
            #expect(try await table.seenByDesk(query).prefix(2) == [table.photos[5], table.photos[1]])
            query.sort = .rating
            #expect(try await Set(table.seenByDesk(query).prefix(3)) == Set(table.photos.prefix(3)))
        }
    }

    @Test("lists are filtered, and guests are refused what is for the desk", arguments: TestDriver.installed)
    func filters(_ driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let table = try await Table(house, photos: 5)
            let photos = table.photos
            _ = try await table.batch("tag", [photos[0], photos[1]], #","tags":["Cake"]"#)
            _ = try await table.batch("edit", [photos[1]], #","change":{"rating":5,"isFeatured":true,"category":"party"}"#)
            _ = try await table.batch("reject", [photos[2]])
            _ = try await table.batch("delete", [photos[3]])
            _ = try await table.batch("stack", [photos[4], photos[0]])
            func found(_ change: (inout PhotoQuery) -> Void) async throws -> Set<PhotoID> {
                var query = PhotoQuery()
                change(&query)
                return Set(try await table.seenByDesk(query))
            }
            #expect(try await found { $0.tag = "cake" } == [photos[0], photos[1]])
            #expect(try await found { $0.rating = 4 } == [photos[1]])
            #expect(try await found { $0.isFeatured = true } == [photos[1]])
            #expect(try await found { $0.category = "party" } == [photos[1]])
            #expect(try await found { $0.review = .rejected } == [photos[2]])
            #expect(try await found { $0.isBinned = true } == [photos[3]])
            #expect(try await found { $0.stack = photos[4] } == [photos[4], photos[0]])
            #expect(try await found { $0.isCollapsed = true } == [photos[1], photos[2], photos[4]])
            #expect(try await found { $0.kind = .video }.isEmpty)
            #expect(try await found { $0.photographer = table.owner.userID }.count == 4)
            #expect(try await found { $0.until = Timestamp(milliseconds: 1) }.isEmpty)
            #expect(try await table.seenByGuest().count == 3)
            var query = PhotoQuery()
            query.review = .rejected
            await #expect(throws: Problem.self) { try await table.seenByGuest(query) }
        }
    }

    @Test("a batch answers for every photo, and does to each all or nothing")
    func batch() async throws {
        try await TestHouse.with { house in
            let table = try await Table(house, photos: 3)
            _ = try await table.batch("delete", [table.photos[0]])
            let missing = PhotoID(at: house.clock.now())
            let result = try await table.batch("approve", [table.photos[0], missing, table.photos[1]], #","note":"fine""#)
            #expect(result.results.map(\.code) == ["deleted", "not_found", nil])
            #expect(result.done == 1 && result.failed == 2)
            #expect(try await house.photos.view(table.photos[1], for: table.owner, rights: .owner).reviewNote == "fine")
            await #expect(throws: Problem.self) { try await table.batch("tag", table.photos) }
        }
    }

    @Test("photographers change what is written about their own photos, and decide nothing")
    func photographers() async throws {
        try await TestHouse.with { house in
            let table = try await Table(house, photos: 1)
            let second = try await house.photographer("bob")
            let own = try await table.add(50, by: second.userID)
            let bob = PhotoDesk.Editor(principal: second, rights: [.view, .upload, .desk])
            var change = PhotoChange()
            change.rating = 3
            #expect(try await table.desk.perform(.change(change), on: own, by: bob).rating == 3)
            await #expect(throws: Problem.self) { try await table.desk.perform(.change(change), on: table.photos[0], by: bob) }
            await #expect(throws: Problem.self) { try await table.desk.perform(.review(.approved, note: nil), on: own, by: bob) }
        }
    }

    @Test("staff who sends a photo again that is in the bin gets it back; a guest does not")
    func comingBack() async throws {
        try await TestHouse.with { house in
            let table = try await Table(house, photos: 1)
            _ = try await table.batch("delete", table.photos)
            var again = house.upload(into: table.session.id, sha256: String(repeating: "0", count: 64))
            again.uploaderID = nil
            let fromGuest = again
            _ = try await house.database.write { tx in try house.intake.completed(fromGuest, in: tx) }
            #expect(try await table.seenByGuest().isEmpty)
            again.uploaderID = table.owner.userID
            let fromStaff = again
            let outcome = try await house.database.write { tx in try house.intake.completed(fromStaff, in: tx) }
            #expect(outcome == .duplicate(of: table.photos[0]))
            #expect(try await table.seenByGuest() == table.photos)
        }
    }
}
