import Core
import Foundation
import Testing

@testable import Decoding

@Suite("Films", .enabled(if: Fixtures.areMade, "the fixtures are not made"))
struct VideoTests {
    @Test("a film gives its facts, a still in all sizes, a poster, and something to play")
    func order() async throws {
        let outcome = try await decode(Fixtures.media("video-faststart.mp4"))
        #expect(outcome.kinds.prefix(3) == ["facts", "thumb.jpeg", "thumb.webp"])
        #expect(outcome.kinds.suffix(4) == ["poster.jpeg", "poster.webp", "stream.mp4", "done"])
        let facts = try #require(outcome.facts)
        #expect((facts.kind, facts.contentType, facts.width, facts.height) == (.video, "video/mp4", 1280, 720))
        let video = try #require(facts.video)
        #expect((video.videoCodec, video.audioCodec, video.rotation, video.frameRate) == ("h264", "aac", 0, 25))
        #expect(abs(video.duration - 6000) < 100)
        #expect(video.capturedAt == "2026-06-20T16:30:00.000Z")
        #expect(!facts.isDamaged)
    }

    @Test("a film whose index comes first is its own stream", arguments: [("video-faststart.mp4", MediaFormat.mp4), ("video.webm", .webm)])
    func ownStream(name: String, format: MediaFormat) async throws {
        let stream = try #require(try await decode(Fixtures.media(name)).files.last)
        #expect((stream.name, stream.format, stream.file) == (.stream, format, nil))
    }

    @Test("a film whose index comes last is copied with the index in front", arguments: ["video-moov-last.mp4", "video.mov"])
    func remux(name: String) async throws {
        let outcome = try await decode(Fixtures.media(name))
        let bytes = try outcome.bytes(.stream, .mp4)
        let boxes = TopLevelBoxes(size: UInt64(bytes.count)) { offset, count in
            Array(bytes[Int(offset)..<min(bytes.count, Int(offset) + count)])
        }
        #expect(boxes.isIndexFirst && !boxes.isCut)
        let copy = try await decode(try #require(outcome.path(.stream, .mp4)))
        #expect(copy.facts?.video?.videoCodec == outcome.facts?.video?.videoCodec)
        #expect(copy.facts?.video?.audioCodec == outcome.facts?.video?.audioCodec)
        let (before, after) = try (#require(outcome.facts?.video?.duration), #require(copy.facts?.video?.duration))
        #expect(abs(before - after) < 100)
    }

    @Test("a film that tells where or with what it was made is copied without telling", arguments: [
        ["-metadata", "location=+48.1374+011.5755/"], ["-f", "mov", "-metadata", "make=Canon", "-metadata", "model=Canon EOS R5"],
        ["-movflags", "use_metadata_tags+faststart", "-metadata", "com.apple.quicktime.location.ISO6709=+48.1374+011.5755/"],
        ["-metadata:s:v", "handler_name=GoPro AVC"], ["-f", "webm", "-metadata", "title=Garden of the Sommers"],
    ])
    func disclosing(options: [String]) async throws {
        let folder = try TemporaryFolder()
        let isWebM = options.contains("webm")
        let film = "\(folder.path)/film.\(isWebM ? "webm" : "mp4")"
        let source = Fixtures.media(isWebM ? "video.webm" : "video-faststart.mp4")
        try remake(source, as: film, ["-movflags", "+faststart"] + options)
        let outcome = try await decode(film)
        let stream = try #require(outcome.files.last)
        #expect((stream.name, stream.format) == (.stream, isWebM ? .webm : .mp4))
        let copy = try outcome.bytes(.stream, stream.format)
        #expect(!copy.isEmpty)
        for secret in ["48.1374", "Canon", "GoPro", "Sommer"] { #expect(!Data(copy).contains(Data(secret.utf8)), "\(secret)") }
        // The copy tells nothing, so that it could be handed out as it is.
        let again = try await decode(try #require(outcome.path(.stream, stream.format)))
        #expect(again.files.last?.file == nil && again.isDone)
        #expect(again.facts?.video?.audioCodec == outcome.facts?.video?.audioCodec)
    }

    @Test("boxes that libavformat does not show make a film one to copy", arguments: ["uuid", "udta", "meta"])
    func foreignBoxes(kind: String) async throws {
        let folder = try TemporaryFolder()
        var film = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.media("video-faststart.mp4"))))
        film += [0, 0, 0, 28] + Array(kind.utf8) + [0, 0, 0, 20] + Array("GPMF48.1374+11.57".utf8.prefix(16))
        let outcome = try await decode(folder.write(film, as: "film.mp4"))
        #expect(outcome.isDone && outcome.path(.stream, .mp4) != nil)
    }

    @Test("tags that every film has tell nothing, all others do", arguments: [
        ("major_brand", "qt  ", false), ("HANDLER_NAME", "VideoHandler", false), ("handler_name", "Core Media Video", true),
        ("encoder", "Lavf59.27.100", false), ("encoder", "HERO9 Black", true), ("creation_time", "2026-06-20", false),
        ("location-eng", "+48.1374+011.5755/", true), ("anything", "", true),
    ])
    func tags(key: String, value: String, tells: Bool) { #expect(DeviceTraces.tells(key, value) == tells) }

    /// Copies a film's streams with ffmpeg.
    private func remake(_ source: String, as target: String, _ options: [String]) throws {
        let ffmpeg = Process()
        ffmpeg.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        ffmpeg.arguments = ["ffmpeg", "-nostdin", "-loglevel", "error", "-i", source, "-c", "copy"] + options + [target]
        try ffmpeg.run()
        ffmpeg.waitUntilExit()
        try #require(ffmpeg.terminationStatus == 0)
    }

    @Test("a turned film is told and shown upright")
    func rotation() async throws {
        let outcome = try await decode(Fixtures.media("video-rotated.mp4"))
        #expect(outcome.facts?.video?.rotation == 90)
        #expect(outcome.facts.map { [$0.width, $0.height] } == [720, 1280])
        #expect(outcome.file(.poster).map { [$0.width, $0.height] } == [720, 1280])
        #expect(outcome.file(.thumb).map { [$0.width, $0.height] } == [180, 320])
    }

    @Test("a copied film keeps its rotation")
    func rotationOfCopy() async throws {
        let file = try VideoFile(Fixtures.media("video-rotated.mp4"))
        let folder = try TemporaryFolder()
        try FaststartRemux.run(file, to: folder.path + "/copy.mp4", as: .mp4)
        #expect(VideoProbe.rotation(of: try VideoFile(folder.path + "/copy.mp4")) == 90)
    }

    @Test("a film without sound says so")
    func silent() async throws {
        let outcome = try await decode(Fixtures.media("video-silent.mp4"))
        #expect(outcome.isDone && outcome.facts?.video != nil && outcome.facts?.video?.audioCodec == nil)
    }

    @Test("a film cut before its index is damaged; cut after it, it is shown and marked")
    func cut() async throws {
        #expect(try await decode(Fixtures.media("broken-truncated.mp4")).failure?.code == "damaged")
        let whole = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.media("video-faststart.mp4"))))
        let folder = try TemporaryFolder()
        let outcome = try await decode(folder.write(Array(whole.prefix(whole.count * 6 / 10)), as: "cut.mp4"))
        #expect(outcome.isDone && outcome.facts?.isDamaged == true)
    }

    @Test("Apple's recording time becomes RFC 3339", arguments: [
        ("2026-06-01T14:03:21+0200", "2026-06-01T14:03:21+02:00"), ("2026-06-01", nil), ("xxxx-06-01T14:03:21+0200", nil),
    ] as [(String, String?)])
    func appleTime(text: String, expected: String?) { #expect(VideoProbe.appleTime(text) == expected) }

    @Test("the copy's container follows from the codecs", arguments: [
        ("h264", "aac", .mov, .mp4), ("hevc", nil, .mov, .mp4), ("h264", "pcm_s16le", .mov, .mov), ("prores", "aac", .mov, .mov),
        ("vp9", "opus", .matroska, .mp4), ("vp8", "vorbis", .webm, .webm),
    ] as [(String, String?, SniffedType, MediaFormat)])
    func containers(picture: String, sound: String?, type: SniffedType, format: MediaFormat) {
        let video = MediaFacts.Video(
            duration: 1, videoCodec: picture, audioCodec: sound, rotation: 0, frameRate: nil, bitRate: nil, capturedAt: nil)
        #expect(FaststartRemux.format(for: video, of: type) == format)
    }
}
