import Core
import Database
import Foundation
import Testing

@testable import Processing
@testable import Sessions

@Suite("What is under way when a recipe changes")
struct RenderingChangeTests {
    private static let mark = #"{"watermark":{"text":"© Ada"}}"#

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
}
