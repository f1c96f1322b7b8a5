import Core
import Foundation
import TestSupport
import Testing

@testable import Decoding

@Suite("Small stills of a film") struct TileSheetTests {
    @Test("a tile is turned upright", arguments: [(0, [1, 2, 3, 4, 5, 6]), (180, [6, 5, 4, 3, 2, 1])] as [(Int, [UInt8])])
    func lyingTile(degrees: Int, expected: [UInt8]) {
        // Two rows of three.
        var sheet = TileSheet(SpriteTrack(file: "f", duration: 1000, interval: 1000, tileWidth: 3, tileHeight: 2))
        sheet.place([1, 2, 3, 4, 5, 6].flatMap { [$0, $0, $0] }, at: 0, turned: degrees)
        #expect(sheet.pixels == expected.flatMap { [$0, $0, $0] })
    }

    @Test("a tile on its side becomes a tall one", arguments: [(90, [4, 1, 5, 2, 6, 3]), (270, [3, 6, 2, 5, 1, 4])] as [(Int, [UInt8])])
    func standingTile(degrees: Int, expected: [UInt8]) {
        // Two rows of three become three rows of two.
        var sheet = TileSheet(SpriteTrack(file: "f", duration: 1000, interval: 1000, tileWidth: 2, tileHeight: 3))
        sheet.place([1, 2, 3, 4, 5, 6].flatMap { [$0, $0, $0] }, at: 0, turned: degrees)
        #expect(sheet.pixels == expected.flatMap { [$0, $0, $0] })
    }
}

@Suite("Small stills of films", .enabled(if: Tool.program("ffmpeg") != nil, "ffmpeg is not installed"))
struct SpriteTests {
    @Test("the small stills show the film's time, in order", arguments: [["-g", "25"], ["-g", "9999"]])
    func sprite(options: [String]) async throws {
        let folder = try TemporaryFolder()
        let shades = ["black", "0x404040", "0x808080", "0xC0C0C0", "white"]
        let film = try await StillTests.film(shades.map { "color=\($0):s=320x180:d=1:r=25" }, in: folder, options)
        let outcome = try await decode(film, .tiny)
        let track = try #require(SpriteTrack(String(decoding: outcome.bytes(.sprite, .vtt), as: UTF8.self)))
        #expect((track.count, track.interval, track.tileWidth, track.tileHeight) == (5, 1000, 160, 90))
        let picture = try pixels(of: #require(outcome.path(.sprite)))
        #expect((picture.width, picture.height) == (800, 90))
        let seen = try (0..<5).map { index in Int(try #require(picture.pixel(x: track.origin(of: index).x + 80, y: 45)?.first)) }
        for (one, other) in zip(seen, [0, 64, 128, 192, 255]) { #expect(abs(one - other) < 12, "\(seen)") }
    }

    @Test("of a turned film the small stills are upright", .enabled(if: Fixtures.areMade, "the fixtures are not made"))
    func turned() async throws {
        let outcome = try await decode(Fixtures.media("video-rotated.mp4"))
        let track = try #require(SpriteTrack(String(decoding: outcome.bytes(.sprite, .vtt), as: UTF8.self)))
        #expect((track.tileWidth, track.tileHeight) == (90, 160))
        let (sprite, thumb) = try (pixels(of: #require(outcome.path(.sprite))), pixels(of: #require(outcome.path(.thumb))))
        let difference = (0..<64).reduce(0) { sum, index in
            let (x, y) = (index % 8 * 10 + 10, index / 8 * 18 + 15)
            let (one, other) = (sprite.pixel(x: x, y: y) ?? [], thumb.pixel(x: 2 * x, y: 2 * y) ?? [])
            return sum + zip(one, other).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        }
        #expect(difference / (64 * 3) < 30)
    }
}
