import Core
import Foundation
import TestSupport
import Testing

/// A player that knows nothing of Lumiere, on a film in segments.
@Suite("Players", .enabled(if: Tool.program("ffprobe") != nil && Tool.program("ffmpeg") != nil, "ffmpeg is not installed"))
struct PlayerTests {
    private static let film = OriginalID(at: TestFile.modified)
    private static let recipe = "0123456789ab"

    private static func path(_ name: RenditionName, _ format: MediaFormat) -> MediaPath {
        .rendition(film, name, recipe: recipe, format)
    }

    @Test("a player that is given a playlist's URL with a grant plays the whole film")
    func play() async throws {
        let folder = try TemporaryFolder("player")
        let playlist = try await Self.makeSegments(in: folder)
        let variants = VariantPlaylist(
            file: RenditionName.segments.file(recipe: Self.recipe, .m3u8), peakBitRate: 100_000, averageBitRate: 90_000,
            codecs: ["avc1.64000c", "mp4a.40.2"], width: 320, height: 180, frameRate: 25_000)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file("film.mp4")))
        let expected = try await Self.packets(folder.file("film.m3u8"), ["-allowed_extensions", "ALL"])
        #expect(expected.count == 2 && expected[0] == "video,250")
        try await TestStores.withDisk { store in
            try await withMedia(on: store) { bench in
                _ = try await bench.add(bytes, at: Self.path(.segments, .mp4))
                _ = try await bench.add(Data(playlist.text().utf8), at: Self.path(.segments, .m3u8))
                let master = try await bench.add(Data(variants.text().utf8), at: Self.path(.hls, .m3u8))
                let url = bench.url(master)
                #expect(try await Self.packets(url) == expected)
                // Without it, nothing.
                let bare = String(url.prefix { $0 != "?" })
                #expect(try await Tool("ffprobe").run(["-v", "error", bare]).status != 0)
            }
        }
    }

    private static func packets(_ url: String, _ options: [String] = []) async throws -> [String] {
        let text = try await Tool("ffprobe").output(["-v", "error"] + options + [
            "-count_packets", "-show_entries", "stream=codec_type,nb_read_packets", "-of", "csv=p=0", url,
        ])
        // A multivariant playlist's streams are listed with its programs, too.
        return text.split(whereSeparator: \.isNewline).map(String.init).reduce(into: []) { if !$1.isEmpty, !$0.contains($1) { $0.append($1) } }
    }

    /// Ten seconds in one file, as ffmpeg cuts them, and where its playlist says they lie.
    private static func makeSegments(in folder: TemporaryFolder) async throws -> SegmentPlaylist {
        _ = try await Tool("ffmpeg").output([
            "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc=s=320x180:r=25:d=10", "-f", "lavfi", "-i", "sine=d=10",
            "-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "50", "-c:a", "aac", "-f", "hls", "-hls_time", "4", "-hls_list_size", "0",
            "-hls_segment_type", "fmp4", "-hls_flags", "single_file", "-hls_segment_filename", folder.file("film.mp4"),
            folder.file("film.m3u8"),
        ])
        let text = try String(contentsOfFile: folder.file("film.m3u8"), encoding: .utf8)
        let durations = text.matches(of: /#EXTINF:([0-9.]+),/).compactMap { Double($0.1) }
        let lengths = text.matches(of: /#EXT-X-BYTERANGE:([0-9]+)@/).compactMap { Int64($0.1) }
        let initialization = try #require(text.firstMatch(of: /BYTERANGE="([0-9]+)@0"/).flatMap { Int64($0.1) })
        return SegmentPlaylist(
            file: RenditionName.segments.file(recipe: recipe, .mp4), initialization: initialization,
            segments: zip(durations, lengths).map { .init(duration: Int64(($0 * 1000).rounded()), length: $1) })
    }
}
