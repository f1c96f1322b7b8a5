import Core
import Foundation
import Testing

@testable import Decoding

/// What becomes of every fixture and every sample, by name.
@Suite("Every file", .enabled(if: Fixtures.areMade, "the fixtures are not made"))
struct FixtureTableTests {
    enum Ending: Sendable, Equatable {
        case photo, damagedPhoto, film
        case refused(String)
    }

    static let endings: [String: Ending] = {
        var endings: [String: Ending] = [
            "broken-bomb.png": .refused("too_large"), "broken-svg.jpg": .refused("unsupported_format"),
            "broken-text.jpg": .refused("unsupported_format"), "broken-truncated.jpg": .damagedPhoto,
            "broken-truncated.mp4": .refused("damaged"), "broken-wrong-extension.png": .photo,
            "broken-zero.jpg": .refused("unsupported_format"), "broken-zeros.jpg": .refused("unsupported_format"),
        ]
        let photos = [
            "adobe-rgb.jpg", "alpha.png", "animation.gif", "cmyk.jpg", "display-p3.jpg", "embedded-thumbnail.jpg", "gps.jpg", "gray.jpg",
            "large-24mp.jpg", "photo.avif", "photo.dng", "photo.heic", "photo.tiff", "photo.webp", "progressive.jpg", "sixteen-bit.png",
        ]
        for name in photos + (1...8).map({ "orientation-\($0).jpg" }) { endings[name] = .photo }
        for number in 1...12 { endings["demo-" + (number < 10 ? "0" : "") + "\(number).jpg"] = .photo }
        let films = ["faststart.mp4", "moov-last.mp4", "rotated.mp4", "silent.mp4"].map { "video-" + $0 }
        for name in films + ["demo-video.mp4", "video.mov", "video.webm"] { endings[name] = .film }
        return endings
    }()

    @Test("the tables leave no file out")
    func complete() throws {
        let manager = FileManager.default
        let fixtures = try manager.contentsOfDirectory(atPath: Fixtures.mediaFolder).filter { !$0.hasPrefix(".") }
        #expect(Set(fixtures).isSubset(of: Set(Self.endings.keys)))
        guard Fixtures.haveSamples else { return }
        let samples = try manager.contentsOfDirectory(atPath: Fixtures.samplesFolder).filter { !$0.hasSuffix(".md") }
        #expect(Set(samples) == Set(SampleTests.expectations.map(\.name) + ["corrupted.jpg"]))
    }

    @Test("every fixture ends as it has to", arguments: endings.keys.sorted())
    func ending(name: String) async throws {
        let outcome = try await decode(Fixtures.media(name), .thumbnails)
        let expected = try #require(Self.endings[name])
        if case .refused(let code) = expected { #expect(outcome.failure?.code == code); return }
        let facts = try #require(outcome.facts)
        #expect(outcome.isDone && outcome.failure == nil)
        #expect(facts.kind == (expected == .film ? .video : .photo))
        #expect(facts.isDamaged == (expected == .damagedPhoto))
        #expect(facts.placeholder != nil && facts.dominantColour != nil && facts.perceptualHash != nil)
    }
}
