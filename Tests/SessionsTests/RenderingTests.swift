import Accounts
import Core
import Database
import Foundation
import Logging
import Processing
import Synchronization
import TestSupport
import Testing

@testable import Sessions

@Suite("A session whose recipe changes")
struct RenderingTests {
    private static let mark = #"{"watermark":{"text":"© Ada"}}"#

    @Test("has all its photos derived anew, behind what comes in, and says how far it is", arguments: TestDriver.installed)
    func change(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let (session, uploads) = try await house.session(photos: 3)
            for upload in uploads.prefix(2) { try await house.finish(upload, house.intake) }
            let events = SentEvents()
            let service = house.renderingService(events)
            let intake = PhotoIntake(jobs: house.jobs, renditions: house.renditions, grants: house.accounts.grants, names: house.accounts.accounts, events: events, clock: house.clock)
            let view = try await house.change(session.id, Self.mark)
            #expect(view.rendering?.total == 3 && view.rendering?.isOver == false)
            try await service.feed()
            let work = try await house.work()
            #expect(uploads.map { work[OriginalID($0.id)]?.state } == ["queued", "queued", "queued"])
            #expect(work.values.allSatisfy { $0.recipe.watermark?.text == "© Ada" })
            // What has never been shown goes first all the same.
            #expect(uploads.map { work[OriginalID($0.id)]?.priority } == [-100, -100, 0])
            #expect(try events.latest()?.done == 0)
            for upload in uploads { try await house.finish(upload, intake) }
            try await service.feed()
            #expect(try events.latest()?.done == 3 && events.latest()?.isOver == true)
            let told = events.sent.withLock { $0.count }
            try await service.feed()
            #expect(events.sent.withLock { $0.count } == told, "what is known is not told again")
            let new = house.upload(into: session.id, sha256: String(repeating: "f", count: 64))
            _ = try await house.database.write { tx in try intake.completed(new, in: tx) }
            #expect(try await house.work()[OriginalID(new.id)]?.recipe.watermark?.text == "© Ada")
        }
    }

    @Test("tells clients of the new URLs, and shows the old ones until all new ones are there", arguments: TestDriver.installed)
    func announcements(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let (session, uploads) = try await house.session(photos: 1)
            try await house.finish(uploads[0], house.intake)
            let before = try await house.events(.session(session.id))
            _ = try await house.change(session.id, Self.mark)
            try await house.renderingService().feed()
            let id = OriginalID(uploads[0].id)
            let new = try #require(try await house.work()[id]?.recipe.hash)
            // The first commit of the new work.
            try await house.database.write { tx in
                try tx.execute(
                    """
                    INSERT INTO renditions (original_id, recipe, name, format, session_id, width, height, size, sha256, object_key, created_at)
                    VALUES (\(id), \(new), 'thumb', 'jpeg', \(session.id), 320, 1, 1, 'ab', 'renditions/x', 0)
                    """)
            }
            let owner = Principal.user(session.ownerId, role: .photographer, device: DeviceID(at: house.clock.now()))
            func urls() async throws -> [String] {
                try await house.photos.view(PhotoID(uploads[0].id), for: owner, rights: .owner).renditions.map(\.url)
            }
            #expect(try await urls().count == 4)
            #expect(try await !urls().contains { $0.contains(new) })
            #expect(try await house.events(.session(session.id)) == before)
            try await house.database.write { tx in _ = try tx.execute("DELETE FROM renditions WHERE recipe = \(new)") }
            try await house.finish(uploads[0], house.intake)
            #expect(try await urls().allSatisfy { $0.contains(new) })
            #expect(try await house.events(.session(session.id)) == before + ["photo_status_updated"])
        }
    }

    @Test("goes on after whatever interrupts it, a few photos at a time", arguments: TestDriver.installed)
    func interruption(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let most = RenderingService.batch * 3 / 2
            let count = most + RenderingService.batch / 2
            var service = house.renderingService()
            service.maxWaiting = most
            let (session, uploads) = try await house.session(photos: count)
            try await house.database.write { tx in
                try tx.execute("UPDATE photos SET status = 'ready'")
                try tx.execute("UPDATE processing_jobs SET state = 'done'")
            }
            _ = try await house.change(session.id, Self.mark)
            try await service.feed()
            #expect(try await house.work().values.count { $0.state == "queued" } == most)
            // The newest first; another process knows where to go on.
            for upload in uploads.suffix(most) { try await house.finish(upload, house.intake) }
            try await service.feed()
            for upload in uploads.prefix(count - most) { try await house.finish(upload, house.intake) }
            let progress = try #require(try await house.renderingService().progress(of: session.id))
            #expect(progress.isOver && progress.done == count && progress.total == count)
        }
    }

    @Test("takes work away from who is at it by the old recipe, and leaves alone who is at it by the new", arguments: TestDriver.installed)
    func running(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let (session, uploads) = try await house.session(photos: 1)
            func run() async throws {
                try await house.database.write { tx in _ = try tx.execute("UPDATE processing_jobs SET state = 'running', lease = 'x'") }
            }
            try await run()
            _ = try await house.change(session.id, Self.mark)
            try await house.renderingService().feed()
            #expect(try await house.work()[OriginalID(uploads[0].id)]?.state == "queued")
            try await run()
            _ = try await house.renderingService().begin(session.id, everything: false)
            try await house.renderingService().feed()
            #expect(try await house.work()[OriginalID(uploads[0].id)]?.state == "running")
        }
    }

    @Test("counts every photo once, however many workers and feeders are at it", arguments: TestDriver.installed)
    func concurrency(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let (session, uploads) = try await house.session(photos: 24)
            _ = try await house.change(session.id, Self.mark)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { try await house.renderingService().feed() } }
                try await group.waitForAll()
            }
            #expect(try await house.renderingService().progress(of: session.id)?.total == 24)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for upload in uploads { group.addTask { try await house.finish(upload, house.intake) } }
                try await group.waitForAll()
            }
            let progress = try #require(try await house.renderingService().progress(of: session.id))
            #expect(progress.isOver && progress.done == 24 && progress.failed == 0)
        }
    }

    @Test("passes over what follows it already, unless everything is asked for")
    func following() async throws {
        try await TestHouse.with { house in
            let (session, uploads) = try await house.session(photos: 2)
            for upload in uploads { try await house.finish(upload, house.intake) }
            let service = house.renderingService()
            _ = try await service.begin(session.id, everything: false)
            try await service.feed()
            #expect(try await service.progress(of: session.id).map { [$0.done, $0.total] } == [2, 2])
            #expect(try await house.work().values.allSatisfy { $0.state == "done" })
            _ = try await service.begin(session.id, everything: true)
            try await service.feed()
            #expect(try await house.work().values.allSatisfy { $0.state == "queued" })
        }
    }

    @Test("keeps a photo that cannot be derived anew as it was; one that had failed follows it when tried again")
    func failures() async throws {
        try await TestHouse.with { house in
            let (session, uploads) = try await house.session(photos: 2)
            try await house.finish(uploads[0], house.intake)
            let failure = ProcessingFailure(code: "internal", detail: "It did not work.")
            try await house.database.write { tx in
                try tx.execute("UPDATE processing_jobs SET state = 'failed' WHERE original_id = \(OriginalID(uploads[1].id))")
                try house.intake.failed(house.job(uploads[1]), failure, in: tx)
            }
            _ = try await house.change(session.id, Self.mark)
            let service = house.renderingService()
            try await service.feed()
            #expect(try await house.work()[OriginalID(uploads[1].id)]?.state == "failed")
            try await house.database.write { tx in try house.intake.failed(house.job(uploads[0]), failure, in: tx) }
            let status = try await house.database.read { try house.intake.photos.find(PhotoID(uploads[0].id), $0)?.status }
            #expect(status == .ready)
            #expect(try await service.progress(of: session.id).map { [$0.done, $0.failed, $0.total] } == [0, 1, 1])
            // Somebody has it tried again, and it works.
            let told = try await house.events(.session(session.id)).count
            try await house.finish(uploads[0], house.intake)
            #expect(try await service.progress(of: session.id).map { [$0.done, $0.failed, $0.total] } == [1, 0, 1])
            #expect(try await house.events(.session(session.id)).count == told + 1)
            try await house.photos.requeue(PhotoID(uploads[1].id))
            #expect(try await house.work()[OriginalID(uploads[1].id)]?.recipe.watermark?.text == "© Ada")
        }
    }

    @Test("settings that no recipe can follow are refused, null goes back, and what concerns no pictures derives nothing", arguments: [
        (#"{"watermark":{}}"#, "/settings/watermark/text"), (#"{"watermark":{"text":" "}}"#, "/settings/watermark/text"),
        (##"{"watermark":{"text":"A","colour":"#12345x"}}"##, "/settings/watermark/colour"),
        (#"{"renditions":{"formats":["webp"]}}"#, "/settings/renditions/formats"),
        (#"{"renditions":{"sizes":[{"name":"small","longEdge":640,"quality":80}]}}"#, "/settings/renditions/sizes"),
        (#"{"renditions":{"sizes":[{"name":"thumb","longEdge":320,"quality":80}],"animation":"large"}}"#, "/settings/renditions/animation"),
        (#"{"watermark":{"picture":"\#(String(repeating: "a", count: 64))"}}"#, "/settings/watermark/picture"),
    ])
    func refused(settings: String, field: String) async throws {
        try await TestHouse.with { house in
            let (session, _) = try await house.session(photos: 0)
            let problem = await #expect(throws: Problem.self) { try await house.change(session.id, settings) }
            #expect(problem?.status == 422 && problem?.members["field"]?.stringValue == field)
            #expect(try await house.change(session.id, Self.mark).settings?.watermark?.text == "© Ada")
            let same = try await house.change(session.id, #"{"showLocation":true}"#)
            #expect(same.settings?.watermark?.text == "© Ada")
            let started = same.rendering?.startedAt
            house.clock.advance(by: .seconds(1))
            #expect(try await house.change(session.id, #"{"pairFiles":false}"#).rendering?.startedAt == started)
            #expect(try await house.change(session.id, #"{"watermark":null}"#).settings?.watermark == nil)
        }
    }
}
