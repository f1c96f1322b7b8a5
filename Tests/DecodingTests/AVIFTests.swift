import Core
import Foundation
import TestSupport
import Testing

@testable import Decoding

@Suite("AVIF on its own", .enabled(if: Fixtures.areMade, "the fixtures are not made"))
struct AVIFTests {
    private static let small = Recipe(
        sizes: [.init(.thumb, longEdge: 320, quality: 78), .init(.small, longEdge: 640, quality: 80), .init(.large, longEdge: 1280, quality: 82)],
        formats: [.jpeg, .webp], version: 1)

    @Test("has every size of the recipe, in the same pixels as the JPEG, and nothing else", arguments: [
        "large-24mp.jpg", "photo.heic", "photo.dng", "orientation-6.jpg",
    ])
    func stills(name: String) async throws {
        let avif = try await decode(Fixtures.media(name), Self.small, .avif)
        #expect(avif.kinds == ["facts", "thumb.avif", "small.avif", "large.avif", "done"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: avif.folder.path).sorted() == ["large.avif", "small.avif", "thumb.avif"])
        let usual = try await decode(Fixtures.media(name), Self.small)
        for size in Self.small.sizes {
            let (one, other) = (try #require(avif.file(size.name, .avif)), try #require(usual.file(size.name)))
            #expect((one.width, one.height) == (other.width, other.height))
            let difference = Self.difference(
                try pixels(of: #require(avif.path(size.name, .avif))), try pixels(of: #require(usual.path(size.name))))
            #expect(difference < 6, "\(size.name): \(difference)")
        }
    }

    @Test("of a film has the poster too, and nothing that plays")
    func film() async throws {
        let outcome = try await decode(Fixtures.media("video-faststart.mp4"), Self.small, .avif)
        #expect(outcome.kinds == ["facts", "thumb.avif", "small.avif", "large.avif", "poster.avif", "done"])
    }

    @Test("bears the watermark where the others do, and none in the thumbnail")
    func watermark() async throws {
        var marked = Self.small
        marked.watermark = Watermark(text: "LUMIERE", place: .centre, opacity: 100, scale: 90)
        let name = Fixtures.media("demo-02.jpg")
        let (with, without) = (try await decode(name, marked, .avif), try await decode(name, Self.small, .avif))
        for size in Self.small.sizes {
            let difference = Self.difference(
                try pixels(of: #require(with.path(size.name, .avif))), try pixels(of: #require(without.path(size.name, .avif))))
            #expect(size.name == .thumb ? difference == 0 : difference > 2, "\(size.name): \(difference)")
        }
    }

    @Test("of what cannot be shown fails as everything else does", arguments: [
        ("broken-zero.jpg", "unsupported_format"), ("broken-bomb.png", "too_large"),
    ])
    func refused(name: String, code: String) async throws {
        #expect(try await decode(Fixtures.media(name), Self.small, .avif).failure?.code == code)
    }

    /// The mean distance of all colours of two pictures of one size, of 255.
    private static func difference(_ one: Picture, _ other: Picture) -> Double {
        let (one, other) = (one.rgba(), other.rgba())
        return Double(zip(one, other).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }) / Double(max(1, one.count))
    }
}
