import Core
import Database
import Foundation
import ObjectStore
import Testing

@testable import Processing

/// One picture, of one session.
private struct OnePicture: WatermarkPictures {
    let session: SessionID
    let content: Data

    func picture(_ sha256: String, of session: SessionID, transaction: any Transaction) throws -> Data? {
        session == self.session ? content : nil
    }
}

@Suite("What is derived anew")
struct RenderTests {
    private var other: Recipe {
        var recipe = Recipe.standard
        recipe.watermark = Watermark(text: "© Ada")
        return recipe
    }

    private func render(_ job: ProcessingJob, by recipe: Recipe, in house: TestHouse) async throws {
        var job = job
        job.recipe = recipe
        let jobs = house.jobs
        try await house.database.write { [job] in try jobs.render(job, in: $0) }
    }

    @Test func `the old renditions stay until all new ones are there, whatever happens in between, and then they go`() async throws {
        let house = try await TestHouse()
        let job = try await house.enqueue()
        try await house.running(try house.script("good")) { try await house.recorder.wait(for: "finished") }
        let old = try await house.renditions(of: job)
        try await render(job, by: other, in: house)
        // A worker that gets as far as the thumbnail, and is stopped.
        try await house.running(try house.script("hold")) {
            try await house.recorder.wait(count: 2, of: "thumbnail")
            #expect(try await house.storedRenditions(of: job).isSuperset(of: old.map(\.objectKey)))
        }
        #expect(Set(try await house.renditions(of: job).map(\.recipe)) == [old[0].recipe, other.hash])
        for rendition in old { #expect(try await house.objects.size(of: rendition.objectKey) == rendition.size) }
        try await house.running(try house.script("good")) { try await house.failUntilOver("finished", count: 2) }
        let new = try await house.renditions(of: job)
        #expect(new.count == old.count && new.allSatisfy { $0.recipe == other.hash })
        #expect(try await house.storedRenditions(of: job) == Set(new.map(\.objectKey)))
    }

    @Test func `what comes in goes first`() async throws {
        let house = try await TestHouse()
        let old = try await house.enqueue()
        try await house.running(try house.script("good")) { try await house.recorder.wait(for: "finished") }
        try await render(old, by: other, in: house)
        house.clock.advance(by: .seconds(5))
        let new = try await house.enqueue()
        #expect(try await house.claim()?.job.id == new.id)
        #expect(try await house.claim()?.job.recipe == other)
    }

    @Test func `an attempt by the old recipe comes to nothing`() async throws {
        let house = try await TestHouse()
        let job = try await house.enqueue()
        let claim = try #require(try await house.claim())
        try await render(job, by: .standard, in: house)
        #expect(try await house.standing(claim) == .held)
        try await render(job, by: other, in: house)
        #expect(try await house.standing(claim) == .lost)
        let jobs = house.jobs
        #expect(try await house.database.write { try jobs.complete(claim, in: $0) } == false)
        #expect(try await house.claim()?.job.recipe == other)
    }

    @Test(
        .enabled(if: Real.decoder != nil, "lumiere-decode is not built"), .enabled(if: Real.hasMedia, "the fixtures are not made"))
    func `the picture of a watermark reaches the decoder, in its session alone`() async throws {
        var house = try await TestHouse()
        let original = try Data(contentsOf: Real.media.appendingPathComponent("orientation-1.jpg"))
        var recipe = other
        recipe.watermark = Watermark(picture: String(repeating: "a", count: 64))
        // A PNG file of one pixel.
        let picture = try #require(Data(base64Encoded:
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="))
        house.pictures = OnePicture(session: house.session, content: picture)
        let job = try await house.enqueue(original: original, recipe: recipe)
        try await house.running(house.configuration(try #require(Real.decoder))) { try await house.recorder.wait(for: "finished") }
        #expect(try await house.renditions(of: job).count == 8)
        house.pictures = OnePicture(session: SessionID(at: house.clock.now()), content: Data())
        try await house.enqueue(original: original, recipe: recipe)
        try await house.running(house.configuration(try #require(Real.decoder))) { try await house.failUntilOver("failed internal") }
    }
}
