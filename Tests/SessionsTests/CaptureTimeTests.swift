import Core
import Foundation
import Testing

@testable import Sessions

@Suite struct `The time that a camera says` {
    @Test(arguments: [
        ("2026-06-01T14:03:21", "Europe/Berlin", "2026-06-01T12:03:21.000Z"), ("2026-06-01T14:03:21.25", "Asia/Kathmandu", "2026-06-01T08:18:21.250Z"),
        ("2026-06-01T14:03:21", "UTC", "2026-06-01T14:03:21.000Z"), ("2026-06-01T14:03:21+05:00", "Europe/Berlin", "2026-06-01T09:03:21.000Z"),
        ("2026-03-29T01:30:00", "Europe/Berlin", "2026-03-29T00:30:00.000Z"), ("2026-03-29T02:30:00", "Europe/Berlin", "2026-03-29T01:30:00.000Z"),
        ("2026-03-29T03:10:00", "Europe/Berlin", "2026-03-29T01:10:00.000Z"), ("2026-10-25T01:59:59", "Europe/Berlin", "2026-10-24T23:59:59.000Z"),
        ("2026-11-01T00:30:00", "America/New_York", "2026-11-01T04:30:00.000Z"), ("2026-11-01T03:00:00", "America/New_York", "2026-11-01T08:00:00.000Z"),
        ("yesterday", "UTC", nil),
    ] as [(String, String, String?)])
    func `is that of the session's zone unless it has an offset`(text: String, zone: String, moment: String?) throws {
        #expect(CaptureTime.moment(text, in: try #require(TimeZone(identifier: zone)))?.description == moment)
    }

    @Test(arguments: [
        ("2026-06-01T23:30:00", "2026-06-02T00:30:00.000"), ("2026-06-01T23:30:00+02:00", "2026-06-01T22:30:00.000Z"), ("never", nil),
    ] as [(String, String?)])
    func `knows no more of its offset when it is put right`(text: String, later: String?) {
        #expect(CaptureTime.shifted(text, by: 3_600_000) == later)
    }

    /// What the file says, what the desk does, the hours in Berlin, and the hours in New York.
    private static let cases: [(file: String?, shift: Int64?, berlin: String, newYork: String)] = [
        ("2026-06-01T00:30:00", nil, "2026-06-01T00", "2026-06-01T00"), ("2026-06-01T00:30:00", 3_600_000, "2026-06-01T01", "2026-06-01T01"),
        ("2026-06-01T00:30:00+02:00", nil, "2026-06-01T00", "2026-05-31T18"), ("2026-06-01T00:30:00+02:00", 3_600_000, "2026-06-01T01", "2026-05-31T19"),
        (nil, nil, "2026-11-18T12", "2026-11-18T06"),
    ]

    @Test(arguments: TestDriver.installed)
    func `puts each photo into its hour, also when the session turns out to be elsewhere`(driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let table = try await PhotoDeskTests.Table(house, photos: 0)
            func zone(_ name: String) async throws { _ = try await house.put(table.session.id, #"{"timeZone":"\#(name)"}"#) }
            func hours(of session: SessionID? = nil) async throws -> [String] {
                try await house.photos.sections(of: session ?? table.session.id, by: .hour, in: nil, rights: .owner).sections
                    .flatMap { Array(repeating: $0.key, count: $0.count) }
            }
            try await zone("Europe/Berlin")
            for (index, one) in Self.cases.enumerated() {
                let id = try await table.add(index)
                try await house.inspect(id, takenAt: one.file)
                if let shift = one.shift { _ = try await table.desk.perform(.shiftTime(shift), on: id, by: table.editor) }
            }
            #expect(try await hours() == Self.cases.map(\.berlin).sorted())
            try await zone("America/New_York")
            #expect(try await hours() == Self.cases.map(\.newYork).sorted())
            try await zone("Europe/Berlin")
            #expect(try await hours() == Self.cases.map(\.berlin).sorted())
            let other = try await house.sessions.create(title: "Two", owner: table.owner.userID!).id
            _ = try await house.put(other, #"{"timeZone":"America/New_York"}"#)
            try await house.database.write { tx in try tx.execute("UPDATE processing_jobs SET state = 'done'") }
            let photos = try await table.seenByDesk()
            #expect(try await table.batch("move", photos, #","targetSessionId":"\#(other)""#).done == photos.count)
            #expect(try await hours(of: other) == Self.cases.map(\.newYork).sorted())
        }
    }

    @Test(arguments: TestDriver.installed)
    func `is read anew for thousands of photos at once`(driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let table = try await PhotoDeskTests.Table(house, photos: 1)
            try await house.inspect(table.photos[0], takenAt: "2026-06-01T12:00:00")
            try await PhotoPlans(house: house, driver: driver, table: table).fill(2000)
            try await house.database.write { tx in try tx.execute("UPDATE photos SET facts = (SELECT MAX(facts) FROM photos)") }
            _ = try await house.put(table.session.id, #"{"timeZone":"Europe/Berlin"}"#)
            let sections = try await house.photos.sections(of: table.session.id, by: .hour, in: .gmt, rights: .owner).sections
            #expect(sections.map(\.key) == ["2026-06-01T10"] && sections.first?.count == 2001)
        }
    }
}

extension TestHouse {
    /// Has a decoder say when a photo was taken.
    fileprivate func inspect(_ id: PhotoID, takenAt time: String?) async throws {
        var facts = PhotoIntakeTests.facts
        facts.exif?.capturedAt = time
        try await database.write { [facts] tx in
            let photo = try #require(try PhotoStore().find(id, tx))
            try intake.inspected(ProcessingJob(photo, recipe: .standard), facts, in: tx)
        }
    }

    @Test func `goes along with a photo that is moved before it has followed its session's zone`() async throws {
        try await TestHouse.with { house in
            let table = try await PhotoDeskTests.Table(house, photos: 1)
            let photo = table.photos[0]
            try await house.inspect(photo, takenAt: "2026-06-01T12:00:00")
            let other = try await house.sessions.create(title: "Two", owner: table.owner.userID!).id
            _ = try await house.put(other, #"{"timeZone":"Europe/Berlin"}"#)
            try await house.database.write { tx in
                var session = try #require(try SessionStore().find(table.session.id, tx))
                session.occasion.timeZone = "Europe/Berlin"
                try SessionStore().update(session, tx)
                try RetimingStore().begin(session.id, tx)
                try tx.execute("UPDATE processing_jobs SET state = 'done'")
                try tx.execute("UPDATE photos SET status = 'ready'")
            }
            #expect(try await table.batch("move", [photo], #","targetSessionId":"\#(other)""#).done == 1)
            try await house.sessions.retimeAll()
            let sections = try await house.photos.sections(of: other, by: .hour, in: .gmt, rights: .owner).sections
            #expect(sections.map(\.key) == ["2026-06-01T10"])
        }
    }

    @Test(arguments: TestDriver.installed)
    func `is followed once by each, when what was interrupted is done by two beside each other`(driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let table = try await PhotoDeskTests.Table(house, photos: 1)
            let id = table.session.id
            try await house.inspect(table.photos[0], takenAt: "2026-06-01T12:00:00")
            try await PhotoPlans(house: house, driver: driver, table: table).fill(1200)
            try await house.database.write { tx in
                try tx.execute("UPDATE photos SET facts = (SELECT MAX(facts) FROM photos)")
                var session = try #require(try SessionStore().find(id, tx))
                session.occasion.timeZone = "Europe/Berlin"
                try SessionStore().update(session, tx)
                try RetimingStore().begin(id, tx)
            }
            async let one: Void = house.sessions.retimeAll()
            async let other: Void = house.sessions.retimeAll()
            _ = try await (one, other)
            let sections = try await house.photos.sections(of: id, by: .hour, in: .gmt, rights: .owner).sections
            #expect(sections.map(\.key) == ["2026-06-01T10"] && sections.first?.count == 1201)
            #expect(try await house.database.read { tx in try RetimingStore().open(after: nil, limit: 9, tx) } == [])
        }
    }
}
