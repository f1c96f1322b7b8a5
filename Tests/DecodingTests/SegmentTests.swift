import Core
import Foundation
import TestSupport
import Testing

@testable import Decoding

/// Films in segments, as players see them.
@Suite(
    "Films in segments", .enabled(if: Fixtures.areMade, "the fixtures are not made"),
    .enabled(if: Tool.program("ffprobe") != nil, "ffprobe is not installed"))
struct SegmentTests {
    /// A film's files under the names that the playlists use.
    private struct Package {
        let outcome: Outcome
        let playlist: SegmentPlaylist
        let master: String
        let media: String

        init(_ outcome: Outcome) throws {
            self.outcome = outcome
            let recipe = Recipe.tiny.hash
            for (name, format) in [(RenditionName.hls, MediaFormat.m3u8), (.segments, .m3u8), (.segments, .mp4)] {
                let path = try #require(outcome.path(name, format))
                try FileManager.default.createSymbolicLink(
                    atPath: outcome.folder.file(name.file(recipe: recipe, format)), withDestinationPath: path)
            }
            master = outcome.folder.file(RenditionName.hls.file(recipe: recipe, .m3u8))
            media = outcome.folder.file(RenditionName.segments.file(recipe: recipe, .mp4))
            playlist = try #require(SegmentPlaylist(String(decoding: outcome.bytes(.segments, .m3u8), as: UTF8.self)))
        }

        /// What a player fetches to begin with each segment.
        func parts() throws -> [Data] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: media))
            var offset = Int(playlist.initialization)
            return playlist.segments.map { segment in
                defer { offset += Int(segment.length) }
                return bytes.prefix(Int(playlist.initialization)) + bytes[offset..<(offset + Int(segment.length))]
            }
        }
    }

    /// What ffprobe prints.
    private struct Probe: Decodable {
        struct Stream: Decodable {
            var codec_name: String?
            var codec_tag_string: String?
            var codec_type: String?
            var nb_read_packets: String?
            var start_time: String?
        }

        struct Packet: Decodable {
            var codec_type: String?
            var pts_time: String?
            var flags: String?
        }

        var streams: [Stream]?
        var packets: [Packet]?

        /// Packets by codec.
        var counts: [String: Int] {
            var counts: [String: Int] = [:]
            for stream in streams ?? [] { counts[stream.codec_name ?? "", default: 0] += Int(stream.nb_read_packets ?? "") ?? 0 }
            return counts
        }

        func first(_ kind: String) -> Packet? { packets?.first { $0.codec_type == kind } }
        func start(_ kind: String) -> Double { first(kind)?.pts_time.flatMap { Double($0) } ?? -1 }

        /// Seconds by which the sound begins later than the picture.
        var delay: Double? {
            let start = { (kind: String) in streams?.first { $0.codec_type == kind }?.start_time.flatMap { Double($0) } }
            return start("audio").flatMap { sound in start("video").map { sound - $0 } }
        }

        static func streams(of path: String) async throws -> Probe { try await run(path, ["-count_packets", "-show_streams"]) }

        static func run(_ path: String, _ what: [String]) async throws -> Probe {
            let ofPlaylist = path.hasSuffix("m3u8") ? ["-allowed_extensions", "ALL"] : []
            let text = try await Tool("ffprobe").output(["-v", "error"] + ofPlaylist + ["-print_format", "json"] + what + [path])
            return try JSONDecoder().decode(Probe.self, from: Data(text.utf8))
        }
    }

    @Test("a film in segments has all of its frames, and plays without an error", arguments: [
        "video-faststart.mp4", "video-moov-last.mp4", "video.mov", "video-silent.mp4", "video-rotated.mp4", "demo-video.mp4",
    ])
    func whole(name: String) async throws {
        let outcome = try await decode(Fixtures.media(name), .tiny)
        let package = try Package(outcome)
        #expect(outcome.facts?.video?.asIs == nil)
        let (played, original) = try await (Probe.streams(of: package.master), Probe.streams(of: Fixtures.media(name)))
        #expect(played.counts == original.counts && !played.counts.isEmpty)
        #expect(abs((played.delay ?? 0) - (original.delay ?? 0)) < 0.03)
        #expect(VideoProbe.rotation(of: try VideoFile(package.media)) == outcome.facts?.video?.rotation)
        let errors = try await Tool("ffmpeg").run(
            ["-nostdin", "-v", "error", "-allowed_extensions", "ALL", "-i", package.master, "-f", "null", "-"])
        #expect(errors.status == 0 && errors.err == "", "\(errors.err)")
        let duration = package.playlist.segments.map(\.duration).reduce(0, +)
        let expected = try #require(outcome.facts?.video?.duration)
        #expect(abs(duration - expected) < 150)
        let length = package.playlist.initialization + package.playlist.segments.map(\.length).reduce(0, +)
        #expect(try outcome.bytes(.segments, .mp4).count == Int(length))
    }

    @Test("each segment begins with a key frame, near to six seconds after the last, and its sound is with it")
    func segments() async throws {
        let folder = try TemporaryFolder()
        let film = folder.file("film.mp4")
        _ = try await Tool("ffmpeg").output([
            "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc=s=320x180:d=31:r=25", "-f", "lavfi", "-i", "sine=d=31",
            "-c:v", "libx264", "-pix_fmt", "yuv420p", "-bf", "2", "-g", "50", "-keyint_min", "50", "-sc_threshold", "0", "-c:a", "aac", film,
        ])
        let package = try Package(try await decode(film, .tiny))
        #expect(package.playlist.segments.map(\.duration) == [6000, 6000, 6000, 6000, 6000, 1000])
        #expect(package.playlist.targetDuration == 6)
        for (index, part) in try package.parts().enumerated() {
            let path = try folder.write(Array(part), as: "\(index).mp4")
            let probe = try await Probe.run(path, ["-show_packets"])
            #expect(probe.first("video")?.flags?.hasPrefix("K") == true)
            let (picture, sound) = (probe.start("video"), probe.start("audio"))
            #expect(abs(picture - Double(index) * 6) < 0.2)
            #expect(abs(sound - picture) < 0.2)
        }
    }

    @Test("the multivariant playlist tells codecs, size and rates")
    func variants() async throws {
        let outcome = try await decode(Fixtures.media("video-faststart.mp4"), .tiny)
        let playlist = try #require(VariantPlaylist(String(decoding: outcome.bytes(.hls, .m3u8), as: UTF8.self)))
        #expect(playlist.codecs.count == 2 && playlist.codecs[0].hasPrefix("avc1.") && playlist.codecs[1] == "mp4a.40.2")
        #expect((playlist.width, playlist.height, playlist.frameRate) == (1280, 720, 25_000))
        #expect(playlist.averageBitRate > 10_000 && playlist.peakBitRate >= playlist.averageBitRate)
        #expect(playlist.file == RenditionName.segments.file(recipe: Recipe.tiny.hash, .m3u8))
    }

    @Test("HEVC is packed under the name that Apple's players know", .timeLimit(.minutes(2)))
    func hevc() async throws {
        let folder = try TemporaryFolder()
        let film = folder.file("film.mkv")
        _ = try await Tool("ffmpeg").output([
            "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc=s=320x180:d=3:r=25", "-c:v", "libx265",
            "-x265-params", "log-level=none", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-color_trc", "smpte2084",
            "-color_primaries", "bt2020", "-colorspace", "bt2020nc", film,
        ])
        let outcome = try await decode(film, .tiny)
        let package = try Package(outcome)
        let playlist = try #require(VariantPlaylist(String(decoding: outcome.bytes(.hls, .m3u8), as: UTF8.self)))
        #expect(playlist.codecs.count == 1 && playlist.codecs[0].hasPrefix("hvc1.2.4.L"))
        let played = try await Probe.streams(of: package.master)
        #expect(played.counts == ["hevc": 75])
        #expect(played.streams?.first?.codec_tag_string == "hvc1")
        let video = try #require(outcome.facts?.video)
        #expect((video.container, video.videoProfile, video.bitDepth, video.hdr) == ("matroska", "Main 10", 10, "pq"))
    }

    @Test("what cannot be in segments is served as it is, and says why", arguments: [
        (["-c:v", "libvpx-vp9", "-cpu-used", "8", "-deadline", "realtime"], "webm", .pictureCodec),
        (["-c:v", "libx264", "-pix_fmt", "yuv422p"], "mp4", .pictureProfile),
        (["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "libmp3lame"], "mp4", .soundCodec),
        (["-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "9999", "-keyint_min", "9999", "-t", "40", "-an"], "mp4", .keyFrames),
    ] as [([String], String, MediaFacts.Video.AsIs)])
    func asIs(options: [String], container: String, reason: MediaFacts.Video.AsIs) async throws {
        let folder = try TemporaryFolder()
        let film = folder.file("film.\(container)")
        _ = try await Tool("ffmpeg").output(
            [
                "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc=s=160x90:r=10", "-f", "lavfi", "-i", "sine", "-t", "2",
            ] + options + [film])
        let outcome = try await decode(film, .tiny)
        #expect(outcome.isDone && outcome.facts?.video?.asIs == reason)
        #expect(outcome.file(.hls, .m3u8) == nil && outcome.file(.segments, .mp4) == nil)
        #expect(outcome.files.contains { $0.name == .stream })
    }

    @Test("a film that begins in the middle of a scene has segments from its first key frame on")
    func openBeginning() async throws {
        let whole = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.media("video-faststart.mp4"))))
        let folder = try TemporaryFolder()
        let outcome = try await decode(folder.write(Array(whole.prefix(whole.count * 6 / 10)), as: "cut.mp4"), .tiny)
        #expect(outcome.isDone && outcome.facts?.isDamaged == true)
        let package = try Package(outcome)
        #expect(package.playlist.segments.map(\.duration).reduce(0, +) < 6000)
    }

    @Test("a file cut anywhere, or of nothing but noise, has no fragments")
    func broken() async throws {
        let bytes = try await decode(Fixtures.media("video-silent.mp4"), .tiny).bytes(.segments, .mp4)
        let fragments = { (bytes: [UInt8]) in
            FilmFragments(track: 1, size: UInt64(bytes.count)) { offset, count in
                Array(bytes[Int(offset)..<min(bytes.count, Int(offset) + count)])
            }
        }
        let whole = try #require(fragments(bytes))
        #expect(whole.fragments.allSatisfy { $0.isSync && $0.duration > 0 })
        for step in 1..<100 { #expect(fragments(Array(bytes.prefix(bytes.count * step / 100))) != whole) }
        var random = SystemRandomNumberGenerator()
        // A run that claims four thousand million samples, each with a size alone.
        let run: [UInt8] = [0, 0, 0, 16] + Array("trun".utf8) + [0, 0, 2, 0, 0xFF, 0xFF, 0xFF, 0xFF]
        let head: [UInt8] = [0, 0, 0, 16] + Array("tfhd".utf8) + [0, 0, 0, 0, 0, 0, 0, 1]
        let track = [0, 0, 0, UInt8(8 + head.count + run.count)] + Array("traf".utf8) + head + run
        let claim = [0, 0, 0, UInt8(8 + track.count)] + Array("moof".utf8) + track
        #expect(fragments(claim)?.fragments.map(\.duration) == [0])
        for _ in 0..<300 {
            var other = bytes
            let header = Int(whole.initialization)..<min(bytes.count, Int(whole.initialization) + 4000)
            for _ in 0..<8 { other[Int.random(in: header, using: &random)] = UInt8.random(in: 0...255, using: &random) }
            // Whatever it gives, it gives it without a trap.
            if let found = fragments(other) { _ = SegmentPlan.segments(found.fragments, ticksPerSecond: 12_800) }
        }
    }

    @Test("a copy is given up when half of the job's time is over")
    func late() throws {
        let start = ContinuousClock.now
        var clock = [start, start + .seconds(4), start + .seconds(6)][...]
        let time = WorkTime(limit: .seconds(10)) { clock.popFirst() ?? start }
        #expect(!time.isHalfOver)
        #expect(time.isHalfOver)
        let (file, folder) = (try VideoFile(Fixtures.media("video-silent.mp4")), try TemporaryFolder())
        let over = WorkTime(limit: .zero)
        let copy = StreamCopy(file: file, path: folder.file("copy.mp4"), muxer: "mp4", time: over)
        #expect(throws: StreamCopy.Late.self) { try copy.run() }
    }
}
