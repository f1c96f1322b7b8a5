import Core
import Foundation
import TestSupport
import Testing

@testable import Decoding

@Suite("What films say of themselves", .enabled(if: Tool.program("ffmpeg") != nil, "ffmpeg is not installed"))
struct ProbeTests {
    private static func facts(_ options: [String], _ container: String = "mp4") async throws -> MediaFacts {
        let folder = try TemporaryFolder()
        let film = folder.file("film.\(container)")
        _ = try await Tool("ffmpeg").output(["-nostdin", "-loglevel", "error"] + options + [film])
        let file = try VideoFile(film)
        return try VideoProbe.facts(of: file, container == "mp4" ? .mp4 : .matroska)
    }

    private static let picture = ["-f", "lavfi", "-i", "testsrc=s=320x180:r=25:d=2"]
    private static let coded = ["-c:v", "libx264", "-pix_fmt", "yuv420p"]

    @Test("streams, codecs, profiles and sound")
    func streams() async throws {
        let sound = ["-f", "lavfi", "-i", "anullsrc=channel_layout=5.1:sample_rate=44100:d=2", "-t", "2"]
        let facts = try await Self.facts(Self.picture + sound + Self.coded + ["-profile:v", "main", "-c:a", "aac", "-metadata:s:a", "language=deu"])
        let video = try #require(facts.video)
        #expect((video.container, video.videoProfile, video.audioProfile, video.bitDepth) == ("mp4", "Main", "LC", 8))
        #expect((video.audioChannels, video.audioLayout, video.audioSampleRate) == (6, "5.1", 44_100))
        #expect(video.streams == [.init(kind: "video", codec: "h264"), .init(kind: "audio", codec: "aac", language: "deu")])
        #expect(video.isVariableFrameRate == false && video.hdr == nil && video.asIs == nil)
    }

    @Test("a film of pixels that are not square has its size as stored, and as shown")
    func aspect() async throws {
        let facts = try await Self.facts(Self.picture + ["-vf", "setsar=4/3"] + Self.coded)
        #expect((facts.width, facts.height, facts.video?.pixelWidth, facts.video?.pixelHeight) == (427, 180, 320, 180))
    }

    @Test("brighter than white", arguments: [("smpte2084", "pq"), ("arib-std-b67", "hlg"), ("bt709", nil)] as [(String, String?)])
    func transfer(name: String, expected: String?) async throws {
        let facts = try await Self.facts(Self.picture + Self.coded + ["-color_trc", name, "-color_primaries", "bt2020"])
        #expect(facts.video?.hdr == expected)
    }

    @Test("frames at different intervals are told, also without an index of them", arguments: [
        ("mp4", coded), ("mp4", coded + ["-movflags", "frag_keyframe+empty_moov", "-g", "10"]), ("mkv", coded + ["-bf", "3"]),
        ("webm", ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8"]),
    ])
    func variable(container: String, options: [String]) async throws {
        let uneven = ["-vf", "setpts='if(lt(N,25),N,25+(N-25)*2)/25/TB'", "-vsync", "vfr"]
        #expect(try await Self.facts(Self.picture + uneven + options, container).video?.isVariableFrameRate == true)
        #expect(try await Self.facts(Self.picture + options, container).video?.isVariableFrameRate == false)
    }

    @Test("fast films are even, whatever is rounded", arguments: [30, 60, 120, 240])
    func fast(rate: Int) async throws {
        let picture = ["-f", "lavfi", "-i", "testsrc=s=160x90:r=\(rate):d=1"]
        #expect(try await Self.facts(picture + Self.coded, "mkv").video?.isVariableFrameRate == false)
    }

    @Test("a film of which few frames' times are read plays from its start all the same")
    func start() async throws {
        let file = try VideoFile(try await SmallFilms.webM.path)
        let (first, again) = try (FrameTimes(file), FrameTimes(file))
        #expect(first.times == again.times && first.times.count == 50)
        // The sound begins some milliseconds earlier.
        #expect((0...20).contains(first.times.first ?? -1))
    }

    @Test("intervals are uneven when more than a few are off", arguments: [
        (Array(stride(from: 0, to: 3000, by: 30)), 0, false), ((0..<100).map { $0 * 20 + $0 % 2 }, 0, false),
        ((0..<100).map { $0 < 50 ? $0 * 20 : $0 * 30 }, 0, true), ([0, 10], 0, nil), ([], 0, nil),
        ((0..<200).map { $0 * 20 + ($0 > 100 ? 500 : 0) }, 0, false), ((0..<200).map { $0 * 25 / 3 }, 1, false),
        ((0..<200).map { $0 * 25 / 3 }, 0, true), ((0..<200).map { $0 < 50 ? $0 * 8 : $0 * 10 }, 1, true),
        ([0] + Array(repeating: .min, count: 20), 0, nil), ((0..<20).map { $0 % 2 == 0 ? .min : .max }, 0, nil),
        ((0..<20).map { 20 - $0 }, 0, nil),
    ] as [([Int64], Int64, Bool?)])
    func intervals(times: [Int64], rounding: Int64, expected: Bool?) { #expect(FilmIndex.isUneven(times, rounding: rounding) == expected) }

    @Test("a film that was recorded as it went on has its length measured, and its copy tells it", arguments: [
        ("webm", ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-live", "1"]),
        ("mp4", ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "20", "-movflags", "frag_keyframe+empty_moov"]),
    ])
    func recorded(container: String, options: [String]) async throws {
        let folder = try TemporaryFolder()
        let film = folder.file("film.\(container)")
        // Into a pipe, so that nothing can be put right afterwards.
        _ = try await Tool("sh").output(
            ["-c", "exec ffmpeg -nostdin -loglevel error -f lavfi -i testsrc=s=160x90:r=10:d=40 \"$@\" -f \"$0\" pipe:1 > \"$FILM\""
                .replacing("\"$FILM\"", with: "'\(film)'"), container] + options)
        let outcome = try await decode(film, .tiny)
        let video = try #require(outcome.facts?.video)
        #expect(outcome.isDone && abs(video.duration - 40_000) < 300)
        #expect(SpriteTrack(String(decoding: try outcome.bytes(.sprite, .vtt), as: UTF8.self))?.count == 40)
        let stream = try #require(outcome.files.first { $0.name == .stream })
        let told = try await Tool("ffprobe").output([
            "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", #require(outcome.path(.stream, stream.format)),
        ])
        let seconds = try #require(Double(told.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(abs(seconds - 40) < 0.3)
    }
}
