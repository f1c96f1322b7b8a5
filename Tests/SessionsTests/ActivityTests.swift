import Accounts
import Core
import Database
import Foundation
import Logging
import Testing

@testable import Sessions

@Suite("Who came when, and how long photos took")
struct ActivityTests {
    private func writer(_ house: TestHouse) -> ActivityWriter {
        ActivityWriter(
            database: house.database, sheet: house.sheet, retention: .seconds(30 * 86_400), clock: house.clock, logger: Logger(label: "test"))
    }

    private func statistics(_ house: TestHouse) -> StatisticsService {
        StatisticsService(database: house.database, grants: house.accounts.grants, clock: house.clock)
    }

    @Test("entries by code and by link, wrong codes and passwords, and downloads are logged, without addresses", arguments: TestDriver.installed)
    func log(driver: TestDriver) async throws {
        try await Gallery.with(driver) { gallery in
            let (house, id) = (gallery.house, gallery.session)
            _ = try await house.sessions.enter(id, code: "one-1", name: "Ann", address: "192.0.2.77")
            #expect(await gallery.code { try await house.sessions.enter(id, code: "two-2", name: "Eve", address: "198.51.100.9") } == "wrong_code")
            let nowhere = SessionID(at: house.clock.now())
            #expect(await gallery.code { try await house.sessions.enter(nowhere, code: "two-2", name: nil, address: "b") } == "wrong_code")
            let link = try await house.links().create(LinkInput(name: "Safe", password: "geheim"), in: id, at: "")
            let token = try #require(link.url?.split(separator: "/").last.map(String.init))
            #expect(await gallery.code { try await house.links().enter(token, name: "Bo", password: "no", address: "192.0.2.8") } == "wrong_password")
            let entry = try await house.links().enter(token, name: "Bo", password: "geheim", address: "2001:db8:1:2::3")
            let bo = try #require(house.accounts.grantChecker.check(entry.token))
            try await writer(house).flush()
            let tallies = MediaTallies(database: house.database, grants: house.accounts.grants, clock: house.clock, logger: Logger(label: "test"))
            for photo in gallery.photos { tallies.note(.download, of: OriginalID(photo), in: id, by: bo.grantID) }
            try await tallies.flush()
            let page = try await statistics(house).log(of: id, after: nil, limit: 2)
            let rest = try await statistics(house).log(of: id, after: try page.nextCursor.map(Cursor.init), limit: 9)
            let lines = page.items + rest.items
            #expect(lines.map(\.kind) == [.downloaded, .entered, .wrongPassword, .wrongCode, .entered] && rest.nextCursor == nil)
            #expect(lines.map(\.link) == [link.id, link.id, link.id, nil, nil])
            #expect(lines.map(\.network) == [nil, "2001:db8:1::/48", "192.0.2.0/24", "198.51.100.0/24", "192.0.2.0/24"])
            #expect(lines.map(\.name) == ["Bo", "Bo", nil, nil, "Ann"])
            try Page<AccessView>.schema.validate(try JSON.decode(from: try JSON.text(page)))
            await #expect(throws: Problem.notFound("session")) { try await statistics(house).log(of: nowhere, after: nil, limit: 1) }
            house.clock.advance(by: .seconds(31 * 86_400))
            try await writer(house).forget()
            #expect(try await statistics(house).log(of: id, after: nil, limit: 9).items.isEmpty)
            // What was counted stays.
            let counts = try await statistics(house).statistics(of: id)
            #expect(counts.entriesByCode == 1 && counts.entriesByLink == 1)
        }
    }

    @Test("the log of a session goes back so far and no further")
    func bounds() async throws {
        try await Gallery.with { gallery in
            let (house, id, store) = (gallery.house, gallery.session, ActivityStore())
            let lines = (0..<1000).map { number in
                ActivitySheet.Line(session: id, at: house.clock.now(), kind: .entered, link: nil, network: "", name: String(number))
            }
            try await house.database.write { tx in
                try store.add(lines, tx)
                try store.trim(id, keeping: 2, tx)
            }
            #expect(try await statistics(house).log(of: id, after: nil, limit: 9).items.map(\.name) == ["999", "998"])
            try await house.database.write { tx in try store.trim(id, keeping: 5, tx) }
            #expect(try await statistics(house).log(of: id, after: nil, limit: 9).items.count == 2)
        }
    }

    @Test("a sheet that is full forgets, and what could not be written comes first the next time")
    func sheet() {
        let (sheet, now) = (ActivitySheet(capacity: 2), ManualClock().now())
        let ids = (0..<3).map { _ in SessionID(at: now) }
        func note(_ id: SessionID, _ name: String) {
            sheet.note(.init(session: id, at: now, kind: .entered, link: nil, network: "", name: name))
        }
        for (id, name) in zip(ids, ["a", "b", "c"]) {
            note(id, name)
            sheet.note(latency: .seconds(1), in: id)
        }
        let notes = sheet.take()
        #expect(notes.lines.map(\.name) == ["a", "b"] && notes.entries.count == 2 && notes.latencies.count == 2 && sheet.take().isEmpty)
        note(ids[0], "d")
        sheet.restore(notes)
        let again = sheet.take()
        #expect(again.lines.map(\.name) == ["a", "b"] && again.entries.values.sorted() == [1, 2])
    }

    @Test("percentiles are read from a histogram, a little too high at most")
    func percentiles() throws {
        #expect(LatencyHistogram().percentile(50) == nil)
        var histogram = LatencyHistogram()
        for milliseconds in 1...1000 { histogram.add(.milliseconds(milliseconds)) }
        for (percent, exact) in [(50.0, 500.0), (95, 950), (99, 990), (100, 1000)] {
            let read = Double(try #require(histogram.percentile(percent)))
            #expect(read >= exact && read <= exact * 1.1, "\(percent) % is \(read)")
        }
        histogram.add(.seconds(100 * 86_400))
        histogram.add(.milliseconds(-5))
        let longest = try #require(histogram.percentile(100))
        #expect(histogram.count == 1002 && longest > 200_000_000)
    }

    @Test("entries are counted by hours and days of any time zone", arguments: [
        ("UTC", "hour", ["2026-03-29T00:00:00.000Z 2", "2026-03-29T22:00:00.000Z 1", "2026-03-30T00:00:00.000Z 1"]),
        ("Europe/Berlin", "day", ["2026-03-28T23:00:00.000Z 2", "2026-03-29T22:00:00.000Z 2"]),
        ("Asia/Kathmandu", "hour", ["2026-03-29T00:15:00.000Z 2", "2026-03-29T22:15:00.000Z 1", "2026-03-30T00:15:00.000Z 1"]),
        ("America/New_York", "day", ["2026-03-28T04:00:00.000Z 2", "2026-03-29T04:00:00.000Z 2"]),
    ])
    func chart(zone: String, per: String, expected: [String]) throws {
        let query = try EntryChartQuery(
            ["zone": zone, "per": per, "from": "2026-03-28T00:00:00Z", "until": "2026-03-31T00:00:00Z"], now: ManualClock().now())
        // Clocks go forward in Berlin in between.
        let times = ["2026-03-29T00:20:00Z", "2026-03-29T00:50:00Z", "2026-03-29T22:40:00Z", "2026-03-30T00:31:00Z"]
        let counts = try times.map { (slot: EntrySlot(try #require(Timestamp($0))), count: EntryCount(all: 1, byCode: 1)) }
        #expect(query.chart(counts).bars.map { "\($0.from) \($0.entries)" } == expected)
    }

    @Test("what no chart can show is refused", arguments: [
        ["per": "minute"], ["zone": "Moon"], ["from": "x"], ["from": "2026-01-01T00:00:00Z", "until": "2025-01-01T00:00:00Z"],
        ["per": "hour", "from": "2025-01-01T00:00:00Z", "until": "2025-03-01T00:00:00Z"],
    ])
    func refusals(query: [String: String]) {
        #expect { try EntryChartQuery(query, now: ManualClock().now()) } throws: { ($0 as? Problem)?.code == "bad_query" }
    }

    @Test("a session and an account are added up: reviews, marks, entries, and how long photos took", arguments: TestDriver.installed)
    func sums(driver: TestDriver) async throws {
        try await Gallery.with(driver, hidden: 1) { gallery in
            let (house, id) = (gallery.house, gallery.session)
            let ann = try await gallery.chooser()
            for photo in gallery.photos.prefix(2) { _ = try await house.marks().set(.like, isOn: true, of: photo, by: ann) }
            _ = try await house.marks().set(.like, isOn: true, of: gallery.photos[1], by: try await gallery.chooser("Bo"))
            _ = try await house.marks().set(.favourite, isOn: true, of: gallery.photos[2], by: ann)
            let editor = PhotoDesk.Editor(principal: gallery.owner, rights: .owner)
            _ = try await house.desk.perform(.delete, on: gallery.photos[0], by: editor)
            for _ in 0..<2 { try await writer(house).flush() }
            let found = try await statistics(house).statistics(of: id)
            #expect(found.photos == ["ready": 2, "processing": 1] && found.binned == 1 && found.bytes == 12)
            #expect(found.reviews == ["approved": 3] && found.likes == 3 && found.favourites == 1)
            #expect(found.mostLiked == [.init(photoId: gallery.photos[1], count: 2)])
            #expect(found.mostFavoured == [.init(photoId: gallery.photos[2], count: 1)])
            #expect(found.entriesByLink == 2 && found.entriesByCode == 0 && found.latency.photos == 3)
            let (half, most) = (try #require(found.latency.p50), try #require(found.latency.p99))
            #expect(half <= most)
            try StatisticsView.schema.validate(try JSON.decode(from: try JSON.text(found)))
            let owner = try #require(gallery.owner.userID)
            _ = try await house.sessions.create(title: "Two", owner: owner)
            let all = try await statistics(house).statistics(ofOwner: owner)
            #expect(all.sessions == 2 && all.photos == found.photos && all.bytes == 12 && all.likes == 3 && all.entriesByLink == 2)
            let other = try await house.photographer("eve")
            #expect(try await statistics(house).statistics(ofOwner: try #require(other.userID)).sessions == 0)
            let now = house.clock.now()
            let chart = try await statistics(house).chart(of: id, try EntryChartQuery([:], now: now))
            #expect(chart.bars.map(\.entries) == [2] && chart.zone == "UTC")
            // Of what is gone nothing is left, nor written down any more.
            try await house.sessions.delete(id)
            house.clock.advance(by: .seconds(8 * 86_400))
            house.sheet.note(latency: .seconds(1), in: id)
            try await house.purger.purge()
            try await writer(house).flush()
            let left = try await house.database.read { tx in
                try tx.query("SELECT session_id FROM session_entries UNION ALL SELECT session_id FROM photo_latencies UNION ALL SELECT session_id FROM access_log").count
            }
            #expect(left == 0)
        }
    }
}
