import CAVFormat
import Core
import Foundation
import TestSupport
import Testing

@testable import Decoding

/// Films whose originals guests may not get.
@Suite("Film copies", .enabled(if: Tool.program("ffmpeg") != nil, "ffmpeg is not installed")) struct FilmCopyTests {
    /// Makes a film with ffmpeg.
    private func make(_ film: String, from sources: [String], _ options: [String]) async throws {
        let inputs = sources.flatMap { ["-i", $0] }
        _ = try await Tool("ffmpeg").output(["-nostdin", "-loglevel", "error"] + inputs + ["-c", "copy"] + options + [film])
    }

    @Test("a film that tells where or with what it was made is copied without telling", arguments: [
        ["-metadata", "location=+48.1374+011.5755/"], ["-f", "mov", "-metadata", "make=Canon", "-metadata", "model=Canon EOS R5"],
        ["-movflags", "use_metadata_tags+faststart", "-metadata", "com.apple.quicktime.location.ISO6709=+48.1374+011.5755/"],
        ["-metadata:s:v", "handler_name=GoPro AVC"],
    ])
    func tags(options: [String]) async throws {
        let folder = try TemporaryFolder()
        let film = folder.file("film.mp4")
        try await make(film, from: [SmallFilms.mp4.path], ["-movflags", "+faststart"] + options)
        let outcome = try await decode(film, .tiny)
        let copy = try silentCopy(outcome, .mp4)
        // The copy tells nothing, so that it could be handed out as it is.
        let again = try await decode(copy, .tiny)
        #expect(again.stream.map { $0.file == nil } == true && again.isDone)
        #expect(again.facts?.video?.audioCodec == outcome.facts?.video?.audioCodec)
    }

    @Test("subtitles are left out: some cameras write their places there")
    func subtitles() async throws {
        let folder = try TemporaryFolder()
        let places = try folder.write(Array("1\n00:00:00,000 --> 00:00:05,000\nGPS 48.1374 11.5755\n".utf8), as: "places.srt")
        let film = folder.file("film.mp4")
        try await make(
            film, from: [SmallFilms.mp4.path, places],
            ["-map", "0", "-map", "1", "-c:s", "mov_text", "-movflags", "+faststart"])
        _ = try silentCopy(try await decode(film, .tiny), .mp4)
    }

    @Test("a WebM film is copied, whatever it holds")
    func webM() async throws {
        let folder = try TemporaryFolder()
        let webM = try await SmallFilms.webM.path
        let outcome = try await decode(webM, .tiny)
        #expect(outcome.isDone && outcome.path(.stream, .webm) != nil)
        // An element of nothing (RFC 8794 section 11.3.1) need not be empty.
        let void: [UInt8] = [0xEC, 0x8F] + Array("GPS 48.1374 11.5".utf8.prefix(15))
        let film = Array(try Data(contentsOf: URL(fileURLWithPath: webM))) + void
        _ = try silentCopy(try await decode(folder.write(film, as: "film.webm"), .tiny), .webm)
        try await make(folder.file("tagged.webm"), from: [webM], ["-metadata", "title=Garden of the Sommers"])
        _ = try silentCopy(try await decode(folder.file("tagged.webm"), .tiny), .webm)
    }

    /// The path of a copy that bears none of the secrets above.
    private func silentCopy(_ outcome: Outcome, _ format: MediaFormat) throws -> String {
        let stream = try #require(outcome.stream)
        #expect(outcome.isDone && (stream.name, stream.format) == (.stream, format))
        let copy = try outcome.bytes(.stream, format)
        #expect(!copy.isEmpty)
        let segments = try outcome.bytes(.segments, .mp4)
        for secret in ["48.1374", "Canon", "GoPro", "Sommer"] {
            for bytes in [copy, segments] { #expect(!Data(bytes).contains(Data(secret.utf8)), "\(secret)") }
        }
        return try #require(outcome.path(.stream, format))
    }

    @Test("boxes that libavformat does not show make a film one to copy", arguments: ["uuid", "udta", "meta", "free", "gps0", "mfra"])
    func foreignBoxes(kind: String) async throws {
        let folder = try TemporaryFolder()
        var film = Array(try await Data(contentsOf: URL(fileURLWithPath: SmallFilms.mp4.path)))
        film += [0, 0, 0, 28] + Array(kind.utf8) + [0, 0, 0, 20] + Array("GPMF48.1374+11.57".utf8.prefix(16))
        _ = try silentCopy(try await decode(folder.write(film, as: "film.mp4"), .tiny), .mp4)
    }

    @Test("tags that every film has tell nothing, all others do", arguments: [
        ("major_brand", "qt  ", false), ("HANDLER_NAME", "VideoHandler", false), ("handler_name", "Core Media Video", true),
        ("encoder", "Lavf59.27.100", false), ("encoder", "HERO9 Black", true), ("creation_time", "2026-06-20", false),
        ("location-eng", "+48.1374+011.5755/", true), ("anything", "", true),
    ])
    func knownTags(key: String, value: String, tells: Bool) { #expect(DeviceTraces.tells(key, value) == tells) }

    @Test("the copy's container follows from the codecs, best first", arguments: [
        (["h264", "aac"], .mov, [.mp4, .mov]), (["hevc"], .mov, [.mp4, .mov]), (["h264", "pcm_s16le"], .mov, [.mov]),
        (["prores", "aac"], .mov, [.mov]), (["vp9", "opus"], .matroska, [.mp4, .webm, .mov]),
        (["vp9", "opus"], .webm, [.webm, .mp4, .mov]), (["vp9", "vorbis"], .mp4, [.webm, .mp4]),
        (["vp8", "vorbis"], .matroska, [.webm]), (["h264", "aac"], .webm, [.mp4, .mov]),
        (["mpeg4", "mp3"], .matroska, [.mp4, .mov]), (["h264", "none"], .mp4, []),
    ] as [([String], SniffedType, [MediaFormat])])
    func containers(codecs: [String], type: SniffedType, formats: [MediaFormat]) {
        let identifiers = codecs.map { avcodec_descriptor_get_by_name($0)?.pointee.id ?? AV_CODEC_ID_NONE }
        #expect(StreamContainer.candidates(identifiers, of: type) == formats)
    }

    @Test("odd pairs of container and codecs get a container that takes them", arguments: [
        ("mp4", SmallFilms.webM, ["-c:a", "libvorbis", "-metadata", "title=Garden of the Sommers"], .webm),
        ("mkv", SmallFilms.mp4, ["-c:v", "libvpx", "-c:a", "libvorbis"], .webm),
        ("mkv", SmallFilms.mp4, ["-metadata", "title=Garden of the Sommers"], .mp4),
    ] as [(String, SmallFilms.Film, [String], MediaFormat)])
    func oddPairs(container: String, source: SmallFilms.Film, options: [String], format: MediaFormat) async throws {
        let folder = try TemporaryFolder()
        let film = folder.file("film.\(container)")
        try await make(film, from: [source.path], ["-t", "1"] + options)
        let outcome = try await decode(film, .tiny)
        let copy = try await decode(try silentCopy(outcome, format), .tiny)
        #expect(copy.isDone && copy.facts?.video?.audioCodec == outcome.facts?.video?.audioCodec)
    }

    @Test("H.264 that calls itself WebM is copied into MP4")
    func mislabelled() async throws {
        let folder = try TemporaryFolder()
        try await make(folder.file("film.mkv"), from: [SmallFilms.mp4.path], ["-t", "1"])
        var film = try Data(contentsOf: URL(fileURLWithPath: folder.file("film.mkv")))
        let name = try #require(film.range(of: Data("matroska".utf8)))
        film.replaceSubrange(name, with: Data("webm\0\0\0\0".utf8))
        _ = try silentCopy(try await decode(folder.write(Array(film), as: "film.webm"), .tiny), .mp4)
    }

    @Test("a film that no container takes is shown, without a stream")
    func noContainer() async throws {
        let folder = try TemporaryFolder()
        let options = ["-t", "1", "-c:v", "libvpx"]
        try await make(folder.file("film.mkv"), from: [SmallFilms.mp4.path], options)
        let outcome = try await decode(folder.file("film.mkv"), .tiny)
        #expect(outcome.kinds == ["facts", "thumb.jpeg", "poster.jpeg", "sprite.jpeg", "sprite.vtt", "done"])
        #expect((outcome.facts?.video?.videoCodec, outcome.facts?.video?.audioCodec) == ("vp8", "aac"))
        #expect(!FileManager.default.fileExists(atPath: outcome.folder.file("stream.mov")))
    }
}

extension Outcome {
    fileprivate var stream: DecodedFile? { files.first { $0.name == .stream } }
}
