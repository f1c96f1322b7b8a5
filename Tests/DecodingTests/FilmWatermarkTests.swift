import Core
import Foundation
import TestSupport
import Testing

@testable import Decoding

@Suite("Watermarks in films", .enabled(if: Tool.program("ffmpeg") != nil, "ffmpeg is not installed"))
struct FilmWatermarkTests {
    private static let recipe = Recipe(
        sizes: [
            .init(.thumb, longEdge: 120, quality: 80), .init(.small, longEdge: 240, quality: 80),
            .init(.medium, longEdge: 360, quality: 80), .init(.large, longEdge: 600, quality: 80),
        ], formats: [.jpeg, .png], version: 1,
        watermark: Watermark(text: "© Lumiere", place: .bottomRight, opacity: 100, scale: 30))

    /// A film of one grey, to be shown turned by so many degrees.
    private func film(_ degrees: Int, in folder: TemporaryFolder) async throws -> String {
        let (lying, film) = (folder.file("lying.mp4"), folder.file("film.mp4"))
        _ = try await Tool("ffmpeg").output([
            "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "color=0x808080:s=600x400:r=10:d=2", "-c:v", "libx264", "-pix_fmt",
            "yuv420p", lying,
        ])
        _ = try await Tool("ffmpeg").output([
            "-nostdin", "-loglevel", "error", "-i", lying, "-c", "copy", "-metadata:s:v", "rotate=\(degrees)", film,
        ])
        return film
    }

    /// Places, of every second line and column, that are not as grey as most of the picture.
    private func traces(_ picture: Picture) -> [(x: Int, y: Int)] {
        let usual = picture.pixel(x: 2, y: 2).map { Int($0[1]) } ?? 0
        return stride(from: 0, to: picture.height, by: 2).flatMap { y in
            stride(from: 0, to: picture.width, by: 2).compactMap { x in
                picture.pixel(x: x, y: y)?.prefix(3).contains { abs(Int($0) - usual) > 6 } == true ? (x, y) : nil
            }
        }
    }

    @Test("stand upright in their corner of the poster and of every size, but not of the smallest stills", arguments: [0, 90])
    func film(degrees: Int) async throws {
        let folder = try TemporaryFolder()
        let outcome = try await decode(try await film(degrees, in: folder), Self.recipe)
        #expect(outcome.isDone)
        for name in [RenditionName.poster, .large, .medium, .small] {
            let picture = try pixels(of: #require(outcome.path(name, .png)))
            #expect((picture.width > picture.height) == (degrees == 0))
            let found = traces(picture)
            #expect(found.count > 20, "\(name)")
            let strays = found.filter { $0.x * 2 < picture.width || $0.y * 2 < picture.height }
            #expect(strays.isEmpty, "\(strays.count) of \(found.count) in \(name)")
            // Letters side by side are wider than high.
            let (columns, rows) = (found.map(\.x), found.map(\.y))
            #expect((columns.max() ?? 0) - (columns.min() ?? 0) > 2 * ((rows.max() ?? 0) - (rows.min() ?? 0)), "\(name)")
        }
        #expect(try outcome.bytes(.poster, .png) == outcome.bytes(.large, .png))
        #expect(try traces(pixels(of: #require(outcome.path(.thumb, .png)))).isEmpty)
        #expect(try traces(pixels(of: #require(outcome.path(.sprite)))).isEmpty)
    }
}
