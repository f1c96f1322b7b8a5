import Core
import Foundation
import TestSupport
import Testing

@testable import Decoding

@Suite("Films", .enabled(if: Fixtures.areMade, "the fixtures are not made"))
struct VideoTests {
    @Test("a film gives its facts, a still in all sizes, a poster, and something to play")
    func order() async throws {
        let outcome = try await decode(Fixtures.media("video-faststart.mp4"))
        #expect(outcome.kinds.prefix(3) == ["facts", "thumb.jpeg", "thumb.webp"])
        #expect(outcome.kinds.suffix(9) == [
            "poster.jpeg", "poster.webp", "stream.mp4", "segments.mp4", "segments.m3u8", "hls.m3u8", "sprite.jpeg", "sprite.vtt",
            "done",
        ])
        let facts = try #require(outcome.facts)
        #expect((facts.kind, facts.contentType, facts.width, facts.height) == (.video, "video/mp4", 1280, 720))
        let video = try #require(facts.video)
        #expect((video.videoCodec, video.audioCodec, video.rotation, video.frameRate) == ("h264", "aac", 0, 25))
        #expect(abs(video.duration - 6000) < 100)
        #expect(video.capturedAt == "2026-06-20T16:30:00.000Z")
        #expect(!facts.isDamaged)
    }

    @Test("a film whose index comes first is its own stream")
    func ownStream() async throws {
        let stream = try #require(try await decode(Fixtures.media("video-faststart.mp4"), .tiny).file(.stream, .mp4))
        #expect((stream.name, stream.format, stream.file) == (.stream, .mp4, nil))
    }

    @Test("a film whose index comes last is copied with the index in front", arguments: ["video-moov-last.mp4", "video.mov"])
    func remux(name: String) async throws {
        let outcome = try await decode(Fixtures.media(name), .tiny)
        let bytes = try outcome.bytes(.stream, .mp4)
        let boxes = TopLevelBoxes(size: UInt64(bytes.count)) { offset, count in
            Array(bytes[Int(offset)..<min(bytes.count, Int(offset) + count)])
        }
        #expect(boxes.isIndexFirst && !boxes.isCut)
        let copy = try await decode(try #require(outcome.path(.stream, .mp4)), .tiny)
        #expect(copy.facts?.video?.videoCodec == outcome.facts?.video?.videoCodec)
        #expect(copy.facts?.video?.audioCodec == outcome.facts?.video?.audioCodec)
        let (before, after) = try (#require(outcome.facts?.video?.duration), #require(copy.facts?.video?.duration))
        #expect(abs(before - after) < 100)
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
        let outcome = try await decode(Fixtures.media("video-silent.mp4"), .tiny)
        #expect(outcome.isDone && outcome.facts?.video != nil && outcome.facts?.video?.audioCodec == nil)
    }

    @Test("a film cut before its index is damaged; cut after it, it is shown and marked")
    func cut() async throws {
        #expect(try await decode(Fixtures.media("broken-truncated.mp4"), .tiny).failure?.code == "damaged")
        let whole = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.media("video-faststart.mp4"))))
        let folder = try TemporaryFolder()
        let outcome = try await decode(folder.write(Array(whole.prefix(whole.count * 6 / 10)), as: "cut.mp4"), .tiny)
        #expect(outcome.isDone && outcome.facts?.isDamaged == true)
    }

    @Test("Apple's recording time becomes RFC 3339", arguments: [
        ("2026-06-01T14:03:21+0200", "2026-06-01T14:03:21+02:00"), ("2026-06-01", nil), ("xxxx-06-01T14:03:21+0200", nil),
    ] as [(String, String?)])
    func appleTime(text: String, expected: String?) { #expect(VideoProbe.appleTime(text) == expected) }
}
