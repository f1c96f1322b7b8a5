import Core
import Database
import Foundation
import Glibc
import ObjectStore
import TestSupport
import Testing

@testable import Processing

@Suite("Films that are encoded anew", .serialized) struct FilmTests {
    private static let turn = ClaimOrder().turn(.film)

    private func configuration(_ mode: String, in house: TestHouse) throws -> ProcessingConfiguration {
        var configuration = try house.script(mode)
        configuration.filmEncoding = FilmEncoding(maximumLines: 720)
        return configuration
    }

    /// A job of which all is done but the film.
    private func waiting(in house: TestHouse) async throws -> ProcessingJob {
        let job = try await house.enqueue()
        let (jobs, claim) = (house.jobs, try #require(try await house.claim()))
        #expect(try await house.database.write { try jobs.completeButFilm(claim, in: $0) })
        return job
    }

    private func streams(of job: ProcessingJob, in house: TestHouse) async throws -> [Rendition] {
        try await house.renditions(of: job).filter { $0.name == .stream }
    }

    private func waitUntil(_ state: String, _ job: ProcessingJob, in house: TestHouse) async throws {
        _ = try await eventually(state) { try await house.state(of: job)?.hasPrefix(state) == true ? true : nil }
    }

    // MARK: The queue

    @Test(arguments: TestDriver.installed)
    func `wait for a decoder of their own`(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let job = try await waiting(in: house)
            #expect(try await house.state(of: job) == "queued 0")
            #expect(try await house.claim() == nil)
            let claim = try #require(try await house.claim(Self.turn))
            #expect(claim.job.id == job.id && claim.priority == .film && claim.priority.part == .film && claim.attempt == 1)
            let jobs = house.jobs
            #expect(try await house.database.write { try jobs.complete(claim, in: $0) })
            #expect(try await house.state(of: job) == "done 1")
        }
    }

    @Test(arguments: TestDriver.installed)
    func `give way to a re-render, and go with what is not displayed any more`(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let jobs = house.jobs
            for isRunning in [false, true] {
                var job = try await waiting(in: house)
                let claim = isRunning ? try await house.claim(Self.turn) : nil
                job.recipe.version += 1
                let other = job
                try await house.database.write { try jobs.render(other, in: $0) }
                if let claim { #expect(try await house.standing(claim) == .lost) }
                let again = try #require(try await house.claim())
                #expect(again.priority == .rerender && again.job.recipe == job.recipe)
                #expect(try await house.database.write { try jobs.complete(again, in: $0) })
            }
            for isRunning in [false, true] {
                let job = try await waiting(in: house)
                let claim = isRunning ? try await house.claim(Self.turn) : nil
                try await house.database.write { try jobs.cancel(job.originalID, in: $0) }
                #expect(try await house.state(of: job) == (isRunning ? "done 1" : "done 0"))
                if let claim { #expect(try await house.standing(claim) == .gone) }
            }
        }
    }

    @Test(arguments: TestDriver.installed)
    func `of a recipe that is not wanted any more stay what they are`(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let job = try await waiting(in: house)
            let claim = try #require(try await house.claim(Self.turn))
            let (jobs, recipe) = (house.jobs, Recipe(sizes: job.recipe.sizes, formats: [.jpeg], version: job.recipe.version + 1))
            try await house.database.write { try jobs.turn(job.sessionID, to: recipe, in: $0) }
            #expect(try await house.standing(claim) == .gone)
            #expect(try await house.state(of: job) == "done 1")
        }
    }

    @Test(arguments: TestDriver.installed)
    func `that failed are no failure of the photo's`(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let jobs = house.jobs
            let job = try await waiting(in: house)
            let claim = try #require(try await house.claim(Self.turn))
            let refusal = Setback.refused(ProcessingFailure(code: "unsupported_format", detail: "No."))
            #expect(try await house.fail(claim, refusal)?.code == "unsupported_format")
            #expect(try await house.state(of: job) == "failed 1")
            #expect(try await house.database.write { try jobs.requeue(job.photoID, in: $0) } == false)
            #expect(try await house.database.write { try jobs.requeue(job.id, in: $0) })
            #expect(try await house.claim(Self.turn)?.attempt == 1)
        }
    }

    // MARK: Running

    @Test func `are served as they are until they have been encoded`() async throws {
        let house = try await TestHouse()
        let job = try await house.enqueue()
        try await house.running(try configuration("film", in: house)) { try await house.recorder.wait(for: "extended") }
        #expect(house.recorder.log.suffix(3) == ["thumbnail", "finished", "extended"])
        #expect(try await house.state(of: job) == "done 1")
        let stream = try #require(try await streams(of: job, in: house).first)
        #expect((stream.format, stream.width, stream.height) == (.mp4, 1920, 1080) && stream.objectKey != job.objectKey)
        // What the decoder was told.
        let text = try await house.objects.withLocalFile(stream.objectKey) { try String(contentsOfFile: $0, encoding: .isoLatin1) }
        #expect(text.contains("\"maximumLines\": 720"))
        #expect(try await house.objects.withLocalFile(job.objectKey) { FileManager.default.fileExists(atPath: $0) })
    }

    @Test func `are left alone unless that is wanted`() async throws {
        let house = try await TestHouse()
        let job = try await house.enqueue()
        try await house.running(try house.script("film")) { try await house.recorder.wait(for: "finished") }
        #expect(try await house.state(of: job) == "done 1")
        #expect(try await streams(of: job, in: house).map(\.objectKey) == [job.objectKey])
    }

    @Test func `that cannot be encoded stay what they are`() async throws {
        let house = try await TestHouse()
        let job = try await house.enqueue()
        try await house.running(try configuration("film refuse unsupported_format", in: house)) {
            try await house.recorder.wait(for: "finished")
            try await waitUntil("failed", job, in: house)
        }
        #expect(house.recorder.log.last == "finished")
        #expect(try await streams(of: job, in: house).map(\.objectKey) == [job.objectKey])
    }

    @Test func `are cancelled, and their decoder killed, while photos are made beside them`() async throws {
        let house = try await TestHouse()
        let film = try await house.enqueue()
        var configuration = try configuration("film hold", in: house)
        configuration.lease = .milliseconds(300)
        try await house.running(configuration) {
            let process = try await house.holdingDecoder()
            // The only other decoder is free.
            try await house.enqueue()
            try await house.recorder.wait(count: 2, of: "finished")
            #expect(kill(process, 0) == 0)
            let jobs = house.jobs
            #expect(try await house.database.write { try jobs.cancel(film.id, in: $0) })
            try await house.waitForEnd(of: process)
        }
        #expect(try await house.state(of: film) == "cancelled 1")
        #expect(try await streams(of: film, in: house).map(\.objectKey) == [film.objectKey])
        #expect(!house.recorder.log.contains { $0.hasPrefix("failed") })
    }

    @Test func `have a time limit of their own`() async throws {
        let house = try await TestHouse()
        let job = try await house.enqueue()
        var configuration = try configuration("film hold", in: house)
        configuration.filmTimeLimit = .milliseconds(200)
        let clock = house.clock
        try await house.running(configuration) {
            try await house.recorder.wait(for: "finished")
            _ = try await eventually("the film's failure") {
                clock.advance(by: .seconds(2))
                return try await house.state(of: job)?.hasPrefix("failed") == true ? true : nil
            }
        }
        #expect(!house.recorder.log.contains { $0.hasPrefix("failed") })
    }
}

@Suite(
    "Real films that are encoded anew", .enabled(if: Real.decoder != nil, "lumiere-decode is not built"),
    .enabled(if: Tool.program("ffmpeg") != nil, "ffmpeg is not installed"))
struct RealFilmTests {
    @Test func `a film of ProRes becomes one of H.264 in segments`() async throws {
        let house = try await TestHouse()
        let film = house.folder.path + "/film.mov"
        _ = try await Tool("ffmpeg").output([
            "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=1", "-f", "lavfi", "-i", "sine=d=1", "-c:v",
            "prores_ks", "-c:a", "pcm_s16le", film,
        ])
        let job = try await house.enqueue(original: try Data(contentsOf: URL(fileURLWithPath: film)))
        var configuration = house.configuration(try #require(Real.decoder))
        configuration.filmEncoding = FilmEncoding(preset: .ultrafast)
        try await house.running(configuration) {
            try await house.recorder.wait(for: "finished")
            #expect(try await house.renditions(of: job).filter { $0.name == .stream }.map(\.format) == [.mov])
            try await house.recorder.wait(for: "extended")
        }
        let renditions = try await house.renditions(of: job)
        let ways = Set(renditions.map { "\($0.name).\($0.format)" })
        #expect(ways.isSuperset(of: ["stream.mp4", "hls.m3u8", "segments.m3u8", "segments.mp4"]) && !ways.contains("stream.mov"))
        // Nothing is left behind of what it was.
        #expect(try await house.storedRenditions(of: job) == Set(renditions.map(\.objectKey)))
        let again = try #require(renditions.first { $0.name == .stream })
        let codecs = try await house.objects.withLocalFile(again.objectKey) { path in
            try await Tool("ffprobe").output(["-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", path])
        }
        #expect(codecs.split(whereSeparator: \.isNewline) == ["h264", "aac"])
    }
}
