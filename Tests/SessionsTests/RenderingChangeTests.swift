import Core
import Database
import Foundation
import Testing

@testable import Processing
@testable import Sessions

@Suite("What is under way when a recipe changes")
struct RenderingChangeTests {
    private static let mark = #"{"watermark":{"text":"© Ada"}}"#
    private static let noMark = #"{"watermark":null}"#

    @Test("comes to nothing when the change is undone: photos keep what they have", arguments: TestDriver.installed)
    func undone(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let (session, uploads) = try await house.session(photos: 3)
            try await house.workThrough()
            let before = try await house.recipes(of: uploads[0])
            try await house.change(session.id, Self.mark)
            let service = house.renderingService()
            try await service.feed()
            // One is done, one under way, one waits.
            try await house.workThrough(1)
            let claim = try #require(try await house.claim())
            try await house.change(session.id, Self.noMark)
            #expect(try await house.complete(claim) == false)
            try await service.feed()
            #expect(try await house.work().values.count { $0.state == "queued" } == 1)
            try await house.workThrough()
            for upload in uploads { #expect(try await house.recipes(of: upload) == before) }
            let progress = try #require(try await service.progress(of: session.id))
            #expect(progress.isOver && progress.done == 3 && progress.failed == 0)
            #expect(try await house.work().values.allSatisfy { $0.state == "done" })
        }
    }

    @Test("goes on by the new one if it is for the first time, and is counted", arguments: TestDriver.installed)
    func firstTime(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let (session, uploads) = try await house.session(photos: 2)
            let claim = try #require(try await house.claim())
            try await house.change(session.id, Self.mark)
            #expect(try await house.complete(claim) == false)
            let work = try await house.work()
            #expect(work.values.allSatisfy { $0.state == "queued" && $0.priority == 0 && $0.recipe.watermark != nil })
            try await house.workThrough()
            let service = house.renderingService()
            try await service.feed()
            let recipes = Set(try await house.work().values.map(\.recipe.hash))
            for upload in uploads { #expect(try await house.recipes(of: upload) == recipes) }
            #expect(try await service.progress(of: session.id).map { [$0.done, $0.total] } == [2, 2])
        }
    }

    @Test("leaves other sessions alone", arguments: TestDriver.installed)
    func others(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let (session, _) = try await house.session(photos: 1)
            let other = try await house.sessions.create(title: "Two", owner: session.ownerId)
            let upload = house.upload(into: other.id)
            _ = try await house.database.write { tx in try house.intake.completed(upload, in: tx) }
            try await house.change(session.id, Self.mark)
            #expect(try await house.work()[OriginalID(upload.id)]?.recipe == .standard)
        }
    }

    @Test("a re-render that failed or was cancelled follows what is wanted by then when it is tried again", arguments: TestDriver.installed)
    func retry(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let (session, uploads) = try await house.session(photos: 1)
            try await house.workThrough()
            try await house.change(session.id, Self.mark)
            let service = house.renderingService()
            try await service.feed()
            let claim = try #require(try await house.claim())
            let failure = ProcessingFailure(code: "damaged", detail: "It is torn.")
            try await house.database.write { tx in
                _ = try house.jobs.fail(claim, .refused(failure), in: tx)
                try house.intake.failed(claim.job, failure, in: tx)
            }
            try await house.change(session.id, #"{"watermark":{"text":"© Bo"}}"#)
            let id = OriginalID(uploads[0].id)
            // Not fed yet: it is the retry that knows.
            try await house.database.write { tx in
                #expect(try house.jobs.requeue(claim.job.id, in: tx))
                try house.intake.requeued(claim.job, in: tx)
            }
            let work = try #require(try await house.work()[id])
            #expect(work.state == "queued" && work.priority == -100 && work.recipe.watermark?.text == "© Bo")
            let status = try await house.database.read { try house.intake.photos.find(PhotoID(id), $0)?.status }
            #expect(status == .ready)
            try await house.workThrough()
            #expect(try await house.recipes(of: uploads[0]) == [work.recipe.hash])
        }
    }

    @Test("what takes the place of URLs that were shown is told, whoever has asked for it", arguments: TestDriver.installed)
    func unasked(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let (session, uploads) = try await house.session(photos: 1)
            try await house.workThrough()
            let told = try await house.events(.session(session.id))
            var recipe = Recipe.standard
            recipe.watermark = Watermark(text: "A")
            for expected in [1, 1, 2] {
                // Not by a rendering: nothing has marked the photo.
                if expected == 2 { recipe.watermark = nil }
                var job = house.job(uploads[0])
                job.recipe = recipe
                try await house.database.write { [job] tx in
                    try tx.execute("UPDATE processing_jobs SET recipe = 'x' WHERE id = \(job.id)")
                    try house.jobs.render(job, in: tx)
                }
                try await house.workThrough()
                #expect(try await house.events(.session(session.id)) == told + Array(repeating: "photo_status_updated", count: expected))
            }
        }
    }
}
