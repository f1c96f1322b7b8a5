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

    @Test("a film that is the original itself plays for guests, without what neither pictures nor sound need", arguments: [
        ("faststart", "mdat"), ("faststart", "udta"), ("frag_keyframe+empty_moov+default_base_moof", "uuid"),
    ])
    func original(flags: String, box: String) async throws {
        let folder = try TemporaryFolder("player")
        let secret = Array("freeGPS 48.1374 11.5755 ".utf8)
        var film = try await Self.makeFilm(in: folder, flags)
        let played = film.count
        film += [0, 0, 0, UInt8(8 + secret.count)] + Array(box.utf8) + secret
        let expected = try await Self.packets(folder.file("film.mp4"))
        #expect(expected.count == 2 && expected[0] == "video,250")
        try await TestStores.withDisk { [film] store in
            try await withMedia(on: store) { bench in
                let file = try await bench.add(film, at: Self.path(.stream, .mp4), place: .hidden)
                #expect(try await Self.packets(bench.url(file)) == expected)
                let guest = try await bench.get(file)
                #expect(guest.status == 200 && guest.body.count == film.count && !guest.body.contains(Data(secret.prefix(15))))
                #expect(guest.headers["cache-control"] == "private, no-cache" && guest.headers["content-type"] == "video/mp4")
                let tag = try #require(guest.headers["etag"])
                #expect(tag != file.etag && guest.headers["accept-ranges"] == "bytes")
                let part = try await bench.get(file, ["Range": "bytes=\(played - 50)-", "If-Range": tag])
                #expect(part.status == 206 && part.body == guest.body[(played - 50)...])
                let staff = try await MediaAnswer.of(bench.url(file, grant: TestGrants.staffToken), headers: [:])
                #expect(staff.body == film && staff.headers["etag"] == file.etag)
            }
        }
    }

    /// Ten seconds that play while they load.
    private static func makeFilm(in folder: TemporaryFolder, _ flags: String) async throws -> Data {
        _ = try await Tool("ffmpeg").output([
            "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc=s=320x180:r=25:d=10", "-f", "lavfi", "-i", "sine=d=10",
            "-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "50", "-c:a", "aac", "-movflags", flags, folder.file("film.mp4"),
        ])
        return try Data(contentsOf: URL(fileURLWithPath: folder.file("film.mp4")))
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
