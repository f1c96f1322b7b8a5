import Core
import Foundation
import Processing
import Testing

@testable import Sessions

@Suite("What the desk moves, removes and puts together")
struct PhotoPlaceTests {
    @Test("moved photos belong to the other session with all that is known of them", arguments: TestDriver.installed)
    func moving(_ driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let table = try await PhotoDeskTests.Table(house, photos: 3)
            _ = try await table.batch("tag", table.photos, #","tags":["cake"]"#)
            let other = try await house.sessions.create(title: "Two", accessCode: "two-2", owner: table.owner.userID!)
            let target = #","targetSessionId":"\#(other.id)""#
            #expect(try await table.batch("move", table.photos, target).results.map(\.code) == ["processing", "processing", "processing"])
            try await house.database.write { tx in try tx.execute("UPDATE processing_jobs SET state = 'done'") }
            #expect(try await table.batch("move", Array(table.photos.prefix(2)), target).done == 2)
            #expect(try await table.seenByDesk() == [table.photos[2]])
            #expect(try await house.events(.session(table.session.id)).suffix(2) == ["photo_deleted", "photo_deleted"])
            #expect(try await house.events(.session(other.id)) == ["new_photo", "new_photo"])
            var query = PhotoQuery()
            query.tag = "cake"
            let moved = try await house.photos.list(other.id, query, for: table.owner, rights: .owner, after: nil, limit: 9)
            #expect(Set(moved.items.map(\.id)) == Set(table.photos.prefix(2)))
            let usage = try await house.database.write(.readCommitted) { tx in
                try (FileUsage().of(.session(table.session.id), tx), FileUsage().of(.session(other.id), tx))
            }
            #expect(usage.0 == UploadUsage(files: 1, bytes: 3) && usage.1 == UploadUsage(files: 2, bytes: 6))
        }
    }

    @Test("a stack whose head cannot be seen is headed by the best of those that can", arguments: TestDriver.installed)
    func heads(_ driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let table = try await PhotoDeskTests.Table(house, photos: 4)
            let photos = table.photos
            var query = PhotoQuery()
            query.isCollapsed = true
            _ = try await table.batch("stack", Array(photos.prefix(3)))
            _ = try await table.batch("edit", [photos[2]], #","change":{"rating":3}"#)
            #expect(try await table.seenByGuest(query) == [photos[3], photos[0]])
            _ = try await table.batch("reject", [photos[0]])
            #expect(try await table.seenByGuest(query) == [photos[3], photos[2]])
            #expect(try await table.seenByDesk(query) == [photos[3], photos[0]])
            _ = try await table.batch("delete", [photos[0]])
            #expect(try await table.seenByDesk(query) == [photos[3], photos[2]])
            _ = try await table.batch("unstack", [photos[2]])
            #expect(try await table.seenByDesk(query) == [photos[3], photos[2], photos[1]])
        }
    }

    @Test("photos that the other session wants otherwise are shown there once they are made so")
    func movingToAnotherRecipe() async throws {
        try await TestHouse.with { house in
            let (session, uploads) = try await house.session(photos: 1)
            try await house.finish(uploads[0], house.intake)
            let (owner, photo) = (session.ownerId, PhotoID(uploads[0].id))
            let other = try await house.sessions.create(
                title: "Two", settings: try JSON.decode(from: #"{"watermark":{"text":"proof"}}"#), owner: owner)
            let principal = Principal.user(owner, role: .photographer, device: DeviceID(at: house.clock.now()))
            let text = #"{"sessionId":"\#(session.id)","photoIds":["\#(photo)"],"action":"move","targetSessionId":"\#(other.id)"}"#
            #expect(try await house.desk.perform(try JSON.decode(from: text), by: principal).done == 1)
            let bare = try await house.photos.view(photo, for: principal, rights: .owner)
            #expect(bare.status == .processing && bare.renditions.isEmpty)
            #expect(try await house.events(.session(other.id)).isEmpty)
            var moved = uploads[0]
            moved.sessionID = other.id
            try await house.finish(moved, house.intake)
            #expect(try await house.events(.session(other.id)).first == "new_photo")
            #expect(try await house.photos.view(photo, for: principal, rights: .guest).sessionId == other.id)
        }
    }

    @Test("a photo of which one file is being worked at stays as a whole")
    func busyCompanions() async throws {
        try await TestHouse.with { house in
            let (session, uploads) = try await house.session(photos: 2)
            try await house.finish(uploads[0], house.intake)
            let originals = uploads.map { OriginalID($0.id) }
            let other = try await house.sessions.create(title: "Two", owner: session.ownerId)
            let hasMoved = try await house.database.write { tx in try house.jobs.move(originals, to: other.id, in: tx) }
            let rows = try await house.database.read { tx in
                try tx.query("SELECT id FROM processing_jobs WHERE session_id = \(other.id)").count
            }
            #expect(!hasMoved && rows == 0)
        }
    }

    @Test("a batch does to each photo once, and nothing for whoever has no right to it any more")
    func rightsAndRepeats() async throws {
        try await TestHouse.with { house in
            let table = try await PhotoDeskTests.Table(house, photos: 1)
            let before = try await house.events(.desk(table.session.id)).count
            #expect(try await table.batch("reject", [table.photos[0], table.photos[0]]).results.count == 1)
            #expect(try await house.events(.desk(table.session.id)).count == before + 1)
            let stranger = try await house.photographer("eve")
            let batch: PhotoBatch = try JSON.decode(
                from: #"{"sessionId":"\#(table.session.id)","photoIds":["\#(table.photos[0])"],"action":"approve"}"#)
            await #expect(throws: Problem.notFound("session")) {
                try await table.desk.perform(batch, by: stranger)
            }
        }
    }

    @Test("what the other session has already stays where it is")
    func duplicates() async throws {
        try await TestHouse.with { house in
            let table = try await PhotoDeskTests.Table(house, photos: 1)
            let other = try await house.sessions.create(title: "Two", accessCode: "two-2", owner: table.owner.userID!)
            let copy = house.upload(into: other.id, sha256: String(repeating: "0", count: 64))
            _ = try await house.database.write { tx in try house.intake.completed(copy, in: tx) }
            let result = try await table.batch("move", table.photos, #","targetSessionId":"\#(other.id)""#)
            #expect(result.results.first?.code == "duplicate")
        }
    }

    @Test("a session takes only as many as its quota leaves room for beside the files it has")
    func quotas() async throws {
        try await TestHouse.with { house in
            let table = try await PhotoDeskTests.Table(house, photos: 3)
            try await house.database.write { tx in try tx.execute("UPDATE processing_jobs SET state = 'done'") }
            try await house.database.write { tx in try tx.execute("UPDATE photos SET status = 'ready'") }
            let settings: SessionSettings = try JSON.decode(from: #"{"maxFiles":2}"#)
            let other = try await house.sessions.create(title: "Two", settings: settings, owner: table.owner.userID!)
            let copy = house.upload(into: other.id, sha256: String(repeating: "f", count: 64))
            _ = try await house.database.write { tx in try house.intake.completed(copy, in: tx) }
            let result = try await table.batch("move", table.photos, #","targetSessionId":"\#(other.id)""#)
            #expect(result.results.map(\.code) == [nil, "quota_exceeded", "quota_exceeded"])
        }
    }

    @Test("the bin is emptied after its time; its objects go, and the quota is free again")
    func emptying() async throws {
        try await TestHouse.with { house in
            let table = try await PhotoDeskTests.Table(house, photos: 2)
            _ = try await table.batch("delete", [table.photos[0]])
            let key = try await house.database.read { tx in try PhotoStore().find(table.photos[0], tx)!.originalKey }
            house.clock.advance(by: PhotoDesk.binLifetime - .seconds(1))
            try await table.desk.emptyBins()
            #expect(try await table.batch("restore", [table.photos[0]]).done == 1)
            _ = try await table.batch("delete", [table.photos[0]])
            house.clock.advance(by: PhotoDesk.binLifetime + .seconds(1))
            try await table.desk.emptyBins()
            #expect(try await table.batch("restore", [table.photos[0]]).results.first?.code == "not_found")
            let (kept, usage) = try await house.database.write(.readCommitted) { tx in
                try (DiscardedObjects().some(limit: 9, tx), FileUsage().of(.session(table.session.id), tx))
            }
            #expect(kept == [key] && usage.files == 1)
        }
    }

    @Test("what is destroyed is gone at once, for everybody")
    func destroying() async throws {
        try await TestHouse.with { house in
            let table = try await PhotoDeskTests.Table(house, photos: 2)
            #expect(try await table.batch("destroy", [table.photos[0]]).done == 1)
            #expect(try await table.seenByGuest() == [table.photos[1]])
            #expect(try await house.events(.desk(table.session.id)).last == "photo_deleted")
            #expect(try await house.database.read { tx in try PhotoStore().find(table.photos[0], tx) } == nil)
        }
    }

    @Test("a choice of photos can be taken away in one file")
    func archives() async throws {
        try await TestHouse.with { house in
            let table = try await PhotoDeskTests.Table(house, photos: 2)
            let result = try await table.batch("download", table.photos + [PhotoID(at: house.clock.now())])
            #expect(result.done == 2 && result.failed == 1)
            #expect(result.archive?.hasPrefix("/api/sessions/\(table.session.id)/archive?selection=") == true)
        }
    }

    @Test("photos in quick succession that are alike are one burst, headed by the best")
    func bursts() {
        let hashes: [UInt64?] = [0, 1, 3, .max, 0, nil]
        let times: [Int64] = [0, 500, 900, 1000, 9000, 9100]
        var (bursts, found) = (Bursts(window: .seconds(2)), [[Int]]())
        let ids = times.map { PhotoID(at: Timestamp(milliseconds: 1_000_000 + $0)) }
        for (index, time) in times.enumerated() {
            let shot = Bursts.Shot(
                id: ids[index], takenAt: Timestamp(milliseconds: time), hash: hashes[index].map(PerceptualHash.init(bits:)),
                rating: index == 1 ? 4 : 0)
            if let burst = bursts.add(shot) {
                found.append(burst.compactMap { ids.firstIndex(of: $0.id) })
                #expect(Bursts.head(of: burst) == ids[1])
            }
        }
        #expect(found == [[0, 1, 2]] && bursts.end() == nil)
    }

    @Test("sections are the days, hours and tags of what the caller sees", arguments: TestDriver.installed)
    func sections(_ driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let table = try await PhotoDeskTests.Table(house, photos: 3)
            let times = ["2026-06-01T22:50:00Z", "2026-06-01T23:10:00Z", "2026-06-02T08:00:00Z"]
            for (photo, time) in zip(table.photos, times) {
                _ = try await table.batch("edit", [photo], #","change":{"capturedAt":"\#(time)"}"#)
            }
            _ = try await table.batch("tag", Array(table.photos.prefix(2)), #","tags":["cake"]"#)
            _ = try await table.batch("hide", [table.photos[0]])
            func found(_ order: PhotoSection.Order, _ zone: String?, _ rights: Rights = .owner) async throws -> [String] {
                try await house.photos.sections(
                    of: table.session.id, by: order, in: zone.flatMap { TimeZone(identifier: $0) }, rights: rights
                ).sections.map { "\($0.key) \($0.count)" }
            }
            #expect(try await found(.day, nil) == ["2026-06-01 2", "2026-06-02 1"])
            #expect(try await found(.day, "Europe/Berlin") == ["2026-06-02 3"])
            #expect(try await found(.hour, "Asia/Kathmandu") == ["2026-06-02T04 2", "2026-06-02T13 1"])
            #expect(try await found(.tag, nil) == ["cake 2"])
            #expect(try await found(.tag, nil, .guest) == ["cake 1"])
        }
    }

    @Test("no list reads what it does not show", arguments: TestDriver.installed)
    func plans(_ driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let table = try await PhotoDeskTests.Table(house, photos: 1)
            try await PhotoPlans(house: house, driver: driver, table: table).check()
        }
    }
}
