import Core
import Database
import Foundation
import Glibc
import ObjectStore
import TestSupport
import Testing

@testable import Processing

/// The decoder next to the test binary, and the fixtures to give it.
enum Real {
    /// It bears the product's name, or the target's when that is built alone; the newer one is of this build.
    static let decoder: String? = {
        let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let candidates = ["lumiere-decode", "LumiereDecode"].map { folder.appendingPathComponent($0) }
        return candidates.compactMap { url in
            (try? url.resourceValues(forKeys: [.contentModificationDateKey]))?.contentModificationDate.map { (url.path, $0) }
        }.max { $0.1 < $1.1 }?.0
    }()

    static let media = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("fixtures/media")

    static var hasMedia: Bool { FileManager.default.fileExists(atPath: media.appendingPathComponent("large-24mp.jpg").path) }
}

@Suite(
    .serialized, .enabled(if: Real.decoder != nil, "lumiere-decode is not built"),
    .enabled(if: Real.hasMedia, "the fixtures are not made"))
struct RealDecoderTests {
    static let films: Set<RenditionName> = Set(RenditionName.allCases).subtracting([.animation])

    @Test(arguments: [
        ("large-24mp.jpg", [.thumb, .small, .medium, .large]), ("photo.heic", [.thumb, .small, .medium, .large]),
        ("video-moov-last.mp4", films),
        ("video-faststart.mp4", films),
    ] as [(String, Set<RenditionName>)])
    func `a real file goes all the way`(name: String, expected: Set<RenditionName>) async throws {
        let house = try await TestHouse()
        let job = try await house.enqueue(original: try Data(contentsOf: Real.media.appendingPathComponent(name)))
        try await house.running(house.configuration(try #require(Real.decoder))) {
            try await house.recorder.wait(for: "finished")
        }
        let renditions = try await house.renditions(of: job)
        #expect(Set(renditions.map(\.name)) == expected)
        #expect(house.recorder.log.suffix(2) == ["thumbnail", "finished"])
        for rendition in renditions { #expect(try house.looksRight(rendition), "\(rendition)") }
    }

    @Test func `a picture that moves does so for those who ask for it`() async throws {
        let house = try await TestHouse()
        var recipe = Recipe.standard
        recipe.animation = .medium
        let original = try Data(contentsOf: Real.media.appendingPathComponent("animation.gif"))
        let job = try await house.enqueue(original: original, recipe: recipe)
        try await house.running(house.configuration(try #require(Real.decoder))) { try await house.recorder.wait(for: "finished") }
        let animation = try #require(try await house.renditions(of: job).first { $0.name == .animation })
        #expect((animation.format, animation.width, animation.height) == (.webp, 480, 320))
        #expect(try house.looksRight(animation))
    }

    @Test func `in a burst of large photos every thumbnail is shown before the first photo is done`() async throws {
        let house = try await TestHouse()
        let photo = try Data(contentsOf: Real.media.appendingPathComponent("large-24mp.jpg"))
        for _ in 0..<6 { try await house.enqueue(original: photo) }
        var configuration = house.configuration(try #require(Real.decoder), decoders: 2)
        configuration.expressDecoders = 1
        try await house.running(configuration) { try await house.recorder.wait(count: 6, of: "thumbnail") }
        #expect(house.recorder.log.prefix { $0 != "finished" }.count { $0 == "thumbnail" } == 6)
    }

    @Test func `killing the real decoder once costs nothing, and twice the photo`() async throws {
        let house = try await TestHouse()
        let photo = try Data(contentsOf: Real.media.appendingPathComponent("large-24mp.jpg"))
        try await house.enqueue(original: photo)
        try await house.running(house.configuration(try #require(Real.decoder))) {
            try await house.recorder.wait(for: "thumbnail")
            for process in house.decoders { kill(process, SIGKILL) }
            try await house.failUntilOver("finished")
            // Between the thumbnail's first format and its last, both are made anew: listeners take that as one.
            let begun = ["inspected 6000x4000", "thumbnail"]
            #expect([begun + ["finished"], begun + begun + ["finished"]].contains(house.recorder.log))
            let unlucky = try await house.enqueue(original: photo)
            try await house.killDecoders(untilFailed: unlucky)
            #expect(try await house.state(of: unlucky)?.hasPrefix("failed") == true)
        }
        #expect(house.recorder.log.last == "failed decoder_crashed")
        #expect(house.decoders == [])
    }

    @Test(arguments: [
        ("broken-text.jpg", "failed unsupported_format"), ("broken-zero.jpg", "failed unsupported_format"),
        ("broken-bomb.png", "failed too_large"),
    ])
    func `what cannot be shown is refused at the first attempt`(name: String, entry: String) async throws {
        let house = try await TestHouse()
        let job = try await house.enqueue(original: try Data(contentsOf: Real.media.appendingPathComponent(name)))
        try await house.running(house.configuration(try #require(Real.decoder))) {
            try await house.recorder.wait(for: entry)
        }
        #expect(try await house.state(of: job) == "failed 1")
        #expect(try await house.renditions(of: job) == [])
    }
}

extension TestHouse {
    /// The decoders that this house has started: they alone may write to its folder.
    fileprivate var decoders: [pid_t] {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.compactMap { pid_t($0) }.filter { process in
            let arguments = (try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(process)/cmdline"))) ?? Data()
            return String(decoding: arguments, as: UTF8.self).contains(folder.path + "/scratch")
        }
    }

    /// Kills whatever works on a job, again and again, and lets no time pass between attempts.
    fileprivate func killDecoders(untilFailed job: ProcessingJob) async throws {
        try await eventually("the job to be given up", every: .milliseconds(20)) {
            clock.advance(by: .milliseconds(200))
            let state = try await state(of: job)
            if state?.hasPrefix("running") == true { for process in decoders { kill(process, SIGKILL) } }
            return state?.hasPrefix("failed") == true ? () : nil
        }
    }

    fileprivate func looksRight(_ rendition: Rendition) throws -> Bool {
        let data = try Data(contentsOf: URL(fileURLWithPath: try #require(objects.localPath(of: rendition.objectKey))))
        guard data.count == rendition.size else { return false }
        return switch rendition.format {
        case .jpeg: data.starts(with: [0xFF, 0xD8])
        case .webp: data.starts(with: Data("RIFF".utf8))
        case .mp4: data[4..<8] == Data("ftyp".utf8)
        case .m3u8: data.starts(with: Data("#EXTM3U".utf8))
        case .vtt: data.starts(with: Data("WEBVTT".utf8))
        default: false
        }
    }
}
