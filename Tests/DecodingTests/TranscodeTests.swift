import Core
import Foundation
import TestSupport
import Testing

@testable import Decoding

/// Films that browsers do not play, encoded anew.
@Suite("Films encoded anew", .enabled(if: Tool.program("ffmpeg") != nil, "ffmpeg is not installed"))
struct TranscodeTests {
    private static let quick = FilmEncoding(maximumLines: 1080, rateFactor: 23, preset: .ultrafast, threads: 2)

    /// Makes a film of what ffmpeg draws and sounds.
    private func make(_ name: String, in folder: TemporaryFolder, _ sources: [String], _ options: [String]) async throws -> String {
        let inputs = sources.flatMap { ["-f", "lavfi", "-i", $0] }
        _ = try await Tool("ffmpeg").output(["-nostdin", "-loglevel", "error"] + inputs + options + [folder.file(name)])
        return folder.file(name)
    }

    private func encode(_ film: String, _ encoding: FilmEncoding = quick) async throws -> Outcome {
        let folder = try TemporaryFolder()
        return try await onOwnThread {
            var work = request(film, into: folder, .tiny)
            (work.part, work.encoding) = (.film, encoding)
            final class Replies { var outcome: Outcome; init(_ outcome: Outcome) { self.outcome = outcome } }
            let replies = Replies(Outcome(folder: folder))
            try DecodeJob(work).run { replies.outcome.add($0) }
            return replies.outcome
        }
    }

    /// What the encoded film says of itself.
    private func facts(_ outcome: Outcome) throws -> MediaFacts {
        try VideoProbe.facts(of: try VideoFile(try #require(outcome.path(.stream, .mp4))), .mp4)
    }

    private static let scene = ["testsrc2=s=160x90:r=25:d=2", "sine=d=2:r=44100"]

    @Test("whatever they were, they are H.264 and AAC in stereo, whole and in segments", arguments: [
        ("film.mkv", ["-c:v", "mpeg2video", "-c:a", "ac3", "-ac", "6"]), ("film.mov", ["-c:v", "prores_ks", "-c:a", "pcm_s16le"]),
        ("film.mov", ["-c:v", "mjpeg", "-q:v", "3", "-c:a", "pcm_s16le", "-ac", "1"]), ("film.mp4", ["-c:v", "mpeg4", "-c:a", "libmp3lame"]),
        ("film.mkv", ["-c:v", "libx264", "-pix_fmt", "yuv422p10le", "-c:a", "flac"]), ("film.mov", ["-c:v", "prores_ks", "-an"]),
    ])
    func kinds(name: String, options: [String]) async throws {
        let folder = try TemporaryFolder()
        let film = try await make(name, in: folder, Self.scene, options)
        let outcome = try await encode(film)
        #expect(outcome.kinds == ["facts", "stream.mp4", "segments.mp4", "segments.m3u8", "hls.m3u8", "done"], "\(outcome.kinds)")
        #expect(outcome.facts?.video?.isForeignToBrowsers == true)
        let facts = try facts(outcome)
        let video = try #require(facts.video)
        #expect((video.videoCodec, video.bitDepth, video.asIs, video.isForeignToBrowsers) == ("h264", 8, nil, false))
        #expect((facts.width, facts.height, video.frameRate, video.isVariableFrameRate) == (160, 90, 25, false))
        if !options.contains("-an") {
            #expect((video.audioCodec, video.audioChannels, video.audioSampleRate) == ("aac", 2, 48_000))
        }
        #expect(abs(video.duration - 2000) < 80, "\(video.duration)")
        let bytes = try outcome.bytes(.stream, .mp4)
        let boxes = TopLevelBoxes(size: UInt64(bytes.count)) { Array(bytes[Int($0)..<min(bytes.count, Int($0) + $1)]) }
        #expect(boxes.isIndexFirst && !boxes.isCut)
    }

    @Test("films that browsers play are told from others", arguments: [
        ("h264", "aac", nil, false), ("h264", nil, .keyFrames, false), ("hevc", "aac", .noCopy, false), ("vp9", "opus", .pictureCodec, false), ("hevc", "ac3", .soundCodec, true),
        ("h264", "mp3", .soundCodec, false), ("h264", "aac", .pictureProfile, true), ("prores", "aac", .pictureCodec, true),
        ("vp9", "dts", .pictureCodec, true), ("mjpeg", nil, .pictureCodec, true),
    ] as [(String, String?, MediaFacts.Video.AsIs?, Bool)])
    func foreign(picture: String, sound: String?, reason: MediaFacts.Video.AsIs?, expected: Bool) {
        var video = MediaFacts.Video(
            duration: 1, videoCodec: picture, audioCodec: sound, rotation: 0, frameRate: nil, bitRate: nil, capturedAt: nil)
        video.asIs = reason
        #expect(video.isForeignToBrowsers == expected)
    }

    // MARK: Picture

    @Test("a turned film of pixels that are not square is shown as before")
    func shape() async throws {
        let folder = try TemporaryFolder()
        let lying = try await make("lying.mov", in: folder, ["smptebars=s=160x90:r=25:d=1"], ["-vf", "setsar=4/3", "-c:v", "libx264", "-pix_fmt", "yuv422p"])
        let film = folder.file("film.mov")
        _ = try await Tool("ffmpeg").output(
            ["-nostdin", "-loglevel", "error", "-i", lying, "-c", "copy", "-metadata:s:v", "rotate=90", film])
        let outcome = try await encode(film)
        let (before, facts) = try (#require(outcome.facts), facts(outcome))
        #expect((before.width, before.height) == (90, 213) && before.video?.rotation != 0)
        #expect((facts.width, facts.height, facts.video?.rotation) == (90, 214, before.video?.rotation))
        #expect(outcome.file(.stream, .mp4).map { [$0.width, $0.height] } == [90, 214])
        try await expectSameStill(film, outcome)
    }

    @Test("large films are made smaller, by their short edge; odd sizes even", arguments: [
        ((160, 90), 1080, (160, 90)), ((3840, 2160), 1080, (1920, 1080)), ((2160, 3840), 1080, (1080, 1920)), ((161, 91), 1080, (162, 92)),
        ((1, 1), 1080, (2, 2)), ((4000, 300), 144, (1920, 144)),
    ])
    func size(shown: (Int, Int), lines: Int, expected: (Int, Int)) {
        #expect(PictureEncoding.size((shown.0, shown.1), lines) == expected)
    }

    @Test("a film of a high range is brought into the usual one", .enabled(if: HDRFilm.canBeMade, "ffmpeg has no x265 or zscale"))
    func hdr() async throws {
        let folder = try TemporaryFolder()
        let outcome = try await encode(try await HDRFilm.make("smpte2084", in: folder))
        let stream = try #require(outcome.path(.stream, .mp4))
        #expect(try facts(outcome).video?.hdr == nil)
        var recipe = Recipe.tiny
        recipe.sizes = [Recipe.Size(.thumb, longEdge: 320, quality: 90)]
        let shown = try await decode(stream, recipe)
        let still = try pixels(of: #require(shown.path(.thumb)))
        #expect(HDRFilm.difference(still, try pixels(of: folder.file("original.png")), ofGreys: false) < 9)
    }

    @Test("colours stay what they are, whatever names them", arguments: [
        ["-c:v", "mpeg2video"], ["-c:v", "mjpeg", "-q:v", "2"], ["-c:v", "prores_ks", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"],
    ])
    func colours(options: [String]) async throws {
        let folder = try TemporaryFolder()
        let film = try await make("film.mov", in: folder, ["smptebars=s=320x180:r=25:d=1"], options)
        try await expectSameStill(film, try await encode(film))
    }

    private func expectSameStill(_ film: String, _ outcome: Outcome) async throws {
        let stream = try #require(outcome.path(.stream, .mp4))
        let (before, after) = try await (decode(film, .tiny), decode(stream, .tiny))
        let (one, other) = try (pixels(of: #require(before.path(.thumb))).rgba(), pixels(of: #require(after.path(.thumb))).rgba())
        let difference = zip(one, other).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        #expect(one.count == other.count && difference < one.count * 4, "\(Double(difference) / Double(one.count))")
    }

    @Test("frames keep their intervals, but come no faster than screens")
    func rates() async throws {
        let folder = try TemporaryFolder()
        let uneven = try await make(
            "uneven.mkv", in: folder, ["testsrc=s=160x90:r=25:d=2"],
            ["-vf", "setpts='if(lt(N,25),N,25+(N-25)*2)/25/TB'", "-vsync", "vfr", "-c:v", "mpeg2video"])
        #expect(try facts(try await encode(uneven)).video?.isVariableFrameRate == true)
        let fast = try await make("fast.mov", in: folder, ["testsrc=s=160x90:r=240:d=1"], ["-c:v", "mjpeg"])
        let rate = try #require(try facts(try await encode(fast)).video?.frameRate)
        #expect((40...72).contains(rate), "\(rate)")
    }

    // MARK: Sound

    /// Black and silent, but for a flash and a beep of a fifth of a second each second.
    private static let flashes = [
        "color=black:s=64x64:r=25:d=4,drawbox=t=fill:color=white:enable='lt(mod(t,1),0.2)*gt(t,0.9)'",
        "aevalsrc=exprs='0.8*sin(2*PI*1000*t)*lt(mod(t,1),0.2)*gt(t,0.9)':s=44100:d=4",
    ]

    @Test("a flash and a beep stay together", arguments: [
        ("film.mkv", ["-c:v", "mpeg2video", "-c:a", "ac3"]), ("film.mov", ["-c:v", "mjpeg", "-c:a", "pcm_s16le", "-ar", "32000"]),
        // The sound begins later, or has a hole, or both begin late.
        ("film.mkv", ["-c:v", "mjpeg", "-af", "atrim=start=0.5", "-c:a", "flac"]),
        ("film.mkv", ["-c:v", "mjpeg", "-af", "aselect='not(between(t,1.4,1.8))'", "-c:a", "pcm_s16le"]),
        ("film.mkv", ["-c:v", "mjpeg", "-c:a", "ac3", "-output_ts_offset", "5"]),
    ])
    func inStep(name: String, options: [String]) async throws {
        let folder = try TemporaryFolder()
        let outcome = try await encode(try await make(name, in: folder, Self.flashes, options))
        for path in [try #require(outcome.path(.stream, .mp4)), try #require(outcome.path(.segments, .mp4))] {
            let (flashes, beeps) = try await (flashes(path), beeps(path))
            #expect(flashes.count == 3 && beeps.count == 3, "\(flashes) \(beeps)")
            for (flash, beep) in zip(flashes, beeps) { #expect(abs(flash - beep) < 0.04, "\(flashes) \(beeps)") }
            for (flash, second) in zip(flashes, 1...3) { #expect(abs(flash - Double(second)) < 0.05, "\(flashes)") }
        }
    }

    /// Seconds at which it becomes bright.
    private func flashes(_ path: String) async throws -> [Double] {
        let raw = path + ".gray"
        _ = try await Tool("ffmpeg").output([
            "-nostdin", "-loglevel", "error", "-y", "-i", path, "-map", "0:v", "-vf", "fps=100:start_time=0,scale=1:1", "-pix_fmt", "gray",
            "-f", "rawvideo", raw,
        ])
        return onsets(try Data(contentsOf: URL(fileURLWithPath: raw)).map { Double($0) / 255 }, perSecond: 100)
    }

    /// Seconds at which it becomes loud.
    private func beeps(_ path: String) async throws -> [Double] {
        let raw = path + ".pcm"
        _ = try await Tool("ffmpeg").output([
            "-nostdin", "-loglevel", "error", "-y", "-i", path, "-map", "0:a", "-af", "aresample=async=1:first_pts=0", "-ac", "1", "-ar",
            "8000", "-f", "u8", raw,
        ])
        let samples = try Data(contentsOf: URL(fileURLWithPath: raw)).map { abs(Double($0) - 128) / 128 }
        let blocks = stride(from: 0, to: samples.count, by: 80).map { samples[$0..<min(samples.count, $0 + 80)].max() ?? 0 }
        return onsets(blocks, perSecond: 100)
    }

    private func onsets(_ levels: [Double], perSecond: Double) -> [Double] {
        levels.indices.filter { levels[$0] > 0.4 && ($0 == 0 || levels[$0 - 1] <= 0.4) }.map { Double($0) / perSecond }
    }

    // MARK: Odd films

    @Test("nothing is told of where and by what a film was made")
    func silent() async throws {
        let folder = try TemporaryFolder()
        let film = try await make(
            "film.mov", in: folder, Self.scene,
            ["-c:v", "mjpeg", "-c:a", "pcm_s16le", "-metadata", "make=Canon", "-metadata:s:v", "handler_name=GoPro"])
        let outcome = try await encode(film)
        let stream = try #require(outcome.path(.stream, .mp4))
        #expect(try !DeviceTraces.are(in: try VideoFile(stream), at: stream))
    }

    @Test("a cut film is encoded as far as it goes, and noise is refused")
    func broken() async throws {
        let folder = try TemporaryFolder()
        let film = try await make("film.mkv", in: folder, Self.scene, ["-c:v", "mpeg2video", "-c:a", "ac3"])
        let whole = Array(try Data(contentsOf: URL(fileURLWithPath: film)))
        let cut = try await encode(folder.write(Array(whole.prefix(whole.count / 2)), as: "cut.mkv"))
        let duration = try facts(cut).video?.duration ?? 0
        #expect(cut.isDone && (300...1900).contains(duration))
        var random = SystemRandomNumberGenerator()
        let noise = whole.enumerated().map { $0 < 2000 ? $1 : UInt8.random(in: 0...255, using: &random) }
        let outcome = try await encode(folder.write(noise, as: "noise.mkv"))
        #expect(outcome.isDone || outcome.failure != nil)
    }

    @Test("a sound that cannot be read leaves the film as it is")
    func foreignSound() async throws {
        let folder = try TemporaryFolder()
        let film = try await make("film.mkv", in: folder, Self.scene, ["-c:v", "mpeg2video", "-c:a", "wmav2"])
        let outcome = try await encode(film)
        #expect(outcome.failure?.code == "unsupported_format" && outcome.files.isEmpty)
    }
}
