import Core
import Testing

@testable import Sessions

@Suite("Reports of photos")
struct ReportTests {
    private func editor(_ gallery: Gallery) -> PhotoDesk.Editor { .init(principal: gallery.owner, rights: .owner) }

    @Test("staff hears of a report once from each, and what it hides guests see no more", arguments: TestDriver.installed)
    func hiding(driver: TestDriver) async throws {
        try await Gallery.with(driver) { gallery in
            let (reports, clock) = (gallery.house.reports, gallery.house.clock)
            let (ann, bo) = (try await gallery.chooser("Ann"), try await gallery.chooser(""))
            for _ in 0..<2 { try await reports.report(gallery.photos[0], ReportInput(reason: .private, text: " Please "), by: ann) }
            clock.advance(by: .seconds(1))
            try await reports.report(gallery.photos[0], ReportInput(reason: .offensive), by: bo)
            let open = try await reports.list(of: gallery.session, after: nil, limit: 5).items
            #expect(open.map(\.reason) == [.offensive, .private] && open.map(\.text) == [nil, "Please"] && open.map(\.by.name) == [nil, "Ann"])
            let news = try await gallery.news(.desk(gallery.session), "photo_reported")
            #expect(news.map { $0["count"] } == [.integer(1), .integer(2)] && news.map { $0["reason"] } == [.string("private"), .string("offensive")])
            let resolved = try await reports.resolve(open[1].id, as: .hide, by: editor(gallery))
            #expect(resolved.resolution == .hide && resolved.resolvedBy == "ada" && resolved.resolvedAt == clock.now())
            #expect(try await reports.list(of: gallery.session, after: nil, limit: 5).items.allSatisfy { $0.resolution == .hide })
            let seen = try await gallery.house.photos.list(gallery.session, for: try await gallery.guest(), rights: .view, after: nil, limit: 5)
            #expect(!seen.items.map(\.id).contains(gallery.photos[0]))
            #expect(try await gallery.house.events(.session(gallery.session)).contains("photo_deleted"))
            // What has been dealt with stays so.
            #expect(try await reports.resolve(open[1].id, as: .dismiss, by: editor(gallery)).resolution == .hide)
            let closed = try await gallery.news(.desk(gallery.session), "report_resolved")
            #expect(closed.count == 2 && closed.allSatisfy { $0["count"] == .integer(0) && $0["resolution"] == .string("hide") })
            // Photographers, who do not edit, hear all of it.
            for data in news + closed {
                try ReportNews.schema.validate(data)
                #expect(data["by"] == nil && data["text"] == nil && data["resolvedBy"] == nil)
            }
            #expect(try await !gallery.house.events(.session(gallery.session)).contains { $0.contains("report") })
        }
    }

    @Test("what is hidden because of a report while it is in the bin stays hidden when it is brought back", arguments: TestDriver.installed)
    func binned(driver: TestDriver) async throws {
        try await Gallery.with(driver) { gallery in
            let (reports, desk, photo) = (gallery.house.reports, gallery.house.desk, gallery.photos[0])
            try await reports.report(photo, ReportInput(reason: .private), by: try await gallery.chooser())
            _ = try await desk.perform(.delete, on: photo, by: editor(gallery))
            let report = try await reports.list(of: gallery.session, after: nil, limit: 5).items[0]
            #expect(try await reports.resolve(report.id, as: .hide, by: editor(gallery)).resolution == .hide)
            #expect(try await desk.perform(.restore, on: photo, by: editor(gallery)).isHidden == true)
            let guest = try await gallery.guest()
            #expect(await gallery.code { try await gallery.house.photos.view(photo, for: guest, rights: .view) } == "not_found")
        }
    }

    @Test("open reports come first, page by page", arguments: TestDriver.installed)
    func list(driver: TestDriver) async throws {
        try await Gallery.with(driver) { gallery in
            let (reports, ann) = (gallery.house.reports, try await gallery.chooser())
            for photo in gallery.photos {
                try await reports.report(photo, ReportInput(reason: .other), by: ann)
                gallery.house.clock.advance(by: .seconds(1))
            }
            let newest = try await reports.list(of: gallery.session, after: nil, limit: 1).items[0]
            #expect(newest.photoId == gallery.photos[2])
            #expect(try await reports.resolve(newest.id, as: .dismiss, by: editor(gallery)).resolution == .dismiss)
            var (seen, cursor): ([PhotoID], Cursor?) = ([], nil)
            repeat {
                let page = try await reports.list(of: gallery.session, after: cursor, limit: 1)
                seen += page.items.map(\.photoId)
                cursor = try page.nextCursor.map(Cursor.init)
            } while cursor != nil
            #expect(seen == [gallery.photos[1], gallery.photos[0], gallery.photos[2]])
            let guest = try await gallery.guest()
            #expect(try await gallery.house.photos.list(gallery.session, for: guest, rights: .view, after: nil, limit: 5).items.count == 3)
            #expect(await gallery.code { try await reports.list(of: gallery.session, after: Cursor(key: 1, id: "x"), limit: 1) } == "bad_cursor")
        }
    }

    @Test("nobody reports what they are not shown; of too many reports of a photo no more are kept, and of a session none are taken")
    func bounds() async throws {
        try await Gallery.with(hidden: 1) { gallery in
            var reports = gallery.house.reports
            reports.limits = .init(ofSession: 3, ofPhoto: 2)
            let service = reports
            func report(_ photo: Int) async throws -> String? {
                let guest = try await gallery.chooser()
                return await gallery.code { try await service.report(gallery.photos[photo], ReportInput(reason: .rights), by: guest) }
            }
            #expect(try await report(3) == "not_found")
            for _ in 0..<3 { #expect(try await report(0) == nil) }
            let kept = try await service.list(of: gallery.session, after: nil, limit: 9).items
            #expect(kept.count == 2)
            #expect(try await report(1) == nil)
            #expect(try await report(1) == "too_many_reports")
        }
    }

    @Test("what was dealt with makes room for new reports, and is kept within bounds", arguments: TestDriver.installed)
    func room(driver: TestDriver) async throws {
        try await Gallery.with(driver) { gallery in
            var reports = gallery.house.reports
            reports.limits = .init(ofSession: 2, ofPhoto: 2)
            let (service, ann) = (reports, try await gallery.chooser())
            func report(_ photo: Int) async -> String? {
                gallery.house.clock.advance(by: .seconds(1))
                return await gallery.code { try await service.report(gallery.photos[photo], ReportInput(reason: .rights), by: ann) }
            }
            func listed() async throws -> [PhotoReportView] { try await service.list(of: gallery.session, after: nil, limit: 9).items }
            for (photo, code) in [(0, nil), (1, nil), (2, "too_many_reports")] { #expect(await report(photo) == code) }
            for open in try await listed() { _ = try await service.resolve(open.id, as: .dismiss, by: editor(gallery)) }
            #expect(await report(2) == nil)
            #expect(try await listed().map(\.photoId) == [gallery.photos[2], gallery.photos[1], gallery.photos[0]])
            _ = try await service.resolve(try await listed()[0].id, as: .dismiss, by: editor(gallery))
            #expect(try await listed().map(\.photoId) == [gallery.photos[2], gallery.photos[1]])
        }
    }
}
