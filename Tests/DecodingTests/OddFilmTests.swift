import CAVFormat
import Core
import Foundation
import Glibc
import TestSupport
import Testing

@testable import Decoding

@Suite("Times of packets") struct PacketTimesTests {
    private static let none = lumiere_av_no_timestamp

    @Test("decoding times ascend, and nothing is shown before it is decoded", arguments: [
        ([(0, 0), (1, 3), (2, 1), (3, 2)], [(0, 0), (1, 3), (2, 2), (3, 3)]),
        ([(0, 0), (0, 0), (0, 5)], [(0, 0), (1, 1), (2, 5)]),
        ([(10, 10), (5, 5), (12, 12)], [(10, 10), (11, 11), (12, 12)]),
        ([(.max, .max), (0, 0), (0, none)], [(.max, .max), (.max, .max), (.max, none)]),
        ([(none, 7), (-5, -5), (none, none), (-9, 1)], [(none, 7), (-5, -5), (none, none), (-4, 1)]),
    ] as [([(Int64, Int64)], [(Int64, Int64)])])
    func order(given: [(Int64, Int64)], expected: [(Int64, Int64)]) {
        var times = PacketTimes()
        let found = given.map { times.next(decoding: $0.0, presentation: $0.1) }
        #expect(found.map { [$0.decoding, $0.presentation] } == expected.map { [$0.0, $0.1] })
    }
}

@Suite(
    "Films with odd numbers in them", .enabled(if: Tool.program("ffmpeg") != nil, "ffmpeg is not installed"),
    .enabled(if: Tool.program("ffprobe") != nil, "ffprobe is not installed"))
struct OddFilmTests {
    private static func decoded(_ film: OddFilm, _ name: String = "film.mp4") async throws -> Outcome {
        let folder = try TemporaryFolder()
        return try await decode(folder.write(film.bytes, as: name))
    }

    private static func pictures(in path: String) async throws -> Int? {
        let text = try await Tool("ffprobe").output([
            "-v", "error", "-count_packets", "-select_streams", "v", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", path,
        ])
        return Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    @Test("a film with a repeated decoding time is copied, all of it")
    func repeatedTime() async throws {
        // One frame lasts twice as long as the others, and then no time at all.
        var film = try await OddFilm(["-vf", "setpts='if(lt(N,10),N,N+1)/25/TB'", "-vsync", "vfr", "-bf", "0"])
        try film.replace(after: Array("stts".utf8), 20, with: UInt32(0).bigEndianBytes)
        let outcome = try await Self.decoded(film)
        #expect(outcome.isDone && outcome.file(.hls, .m3u8) != nil)
        #expect(try await Self.pictures(in: #require(outcome.path(.stream, .mp4))) == 50)
        #expect(try await Self.pictures(in: #require(outcome.path(.segments, .mp4))) == 50)
    }

    @Test("a frame that says it has more bytes than the film is where the film ends", arguments: [738_197_524, UInt32.max >> 1, .max])
    func frameSize(bytes: UInt32) async throws {
        var film = try await OddFilm()
        // The table's tenth frame, after version, common size and count.
        try film.replace(after: Array("stsz".utf8), 12 + 9 * 4, with: bytes.bigEndianBytes)
        let outcome = try await Self.decoded(film)
        #expect(outcome.failure == nil || outcome.failure?.code == "damaged", "\(outcome.failure as Any)")
    }

    @Test("memory is short only where there is not that much")
    func memory() {
        #expect(FreeMemory.holds() && !FreeMemory.holds(.max >> 1))
    }

    @Test("pixels that only the container says are not square have their shape, also in the copies", arguments: ["mp4", "mov", "mkv"])
    func pixelShape(container: String) async throws {
        let film = try await OddFilm(container: container, packing: ["-aspect", "4:3"])
        let outcome = try await Self.decoded(film, "film.\(container)")
        #expect(outcome.facts.map { [$0.width, $0.height] } == [120, 90])
        #expect(outcome.file(.poster).map { [$0.width, $0.height] } == [120, 90])
        for name in [RenditionName.stream, .segments] {
            let size = try VideoProbe.displaySize(of: VideoFile(try #require(outcome.path(name, .mp4))))
            #expect((size.width, size.height) == (120, 90))
        }
    }

    @Test("a picture of a codec that is not among those allowed is not decoded", arguments: ["ffv1", "png"])
    func codec(name: String) async throws {
        let folder = try TemporaryFolder()
        let film = folder.file("film.mkv")
        _ = try await Tool("ffmpeg").output([
            "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc=s=160x90:r=25:d=1", "-c:v", name, film,
        ])
        let outcome = try await decode(film, .tiny)
        #expect(outcome.failure?.code == "unsupported_format" && outcome.files.isEmpty)
    }

    @Test("a film that says it lasts for years is measured", arguments: [400_000_000_000, 1e18, .infinity])
    func duration(milliseconds: Double) async throws {
        var film = try await OddFilm(container: "mkv", packing: [])
        // The element of the duration: eight bytes.
        try film.replace(after: [0x44, 0x89, 0x88], 0, with: milliseconds.bitPattern.bigEndianBytes)
        let outcome = try await Self.decoded(film, "film.mkv")
        #expect(outcome.isDone && outcome.facts?.video?.duration == 2000)
        #expect(SpriteTrack(String(decoding: try outcome.bytes(.sprite, .vtt), as: UTF8.self))?.count == 2)
    }

    @Test("a film that is to be mirrored is shown the right way round", arguments: [
        ([-1, 0, 0, 1], 0, (1, 0)), ([1, 0, 0, -1], 180, (0, 1)), ([0, 1, 1, 0], 90, (0, 0)), ([0, -1, -1, 0], 270, (1, 1)),
        ([0, 1, -1, 0], 90, (1, 0)), ([-1, 0, 0, -1], 180, (1, 1)),
    ] as [([Int32], Int, (Int, Int))])
    func mirrored(matrix: [Int32], rotation: Int, bright: (x: Int, y: Int)) async throws {
        // The upper left quarter is white.
        var film = try await OddFilm(source: "color=black:s=160x96:r=25:d=2,drawbox=w=80:h=48:color=white:t=fill")
        let fixed = matrix.map { $0 << 16 }
        let bytes = ([fixed[0], fixed[1], 0, fixed[2], fixed[3], 0] as [Int32]).flatMap(\.bigEndianBytes)
        // After version and flags, three times or numbers, eight reserved bytes, and four short numbers.
        try film.replace(after: Array("tkhd".utf8), 40, with: bytes)
        let outcome = try await Self.decoded(film)
        #expect(outcome.facts?.video?.rotation == rotation)
        for name in [RenditionName.poster, .sprite] {
            let file = try #require(outcome.file(name))
            let picture = try pixels(of: #require(outcome.path(name)))
            // Of the sprite's two stills, the first.
            let width = name == .sprite ? file.width / 2 : file.width
            #expect((width > file.height) == (rotation % 180 == 0))
            for (x, y) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                let pixel = try #require(picture.pixel(x: (2 * x + 1) * width / 4, y: (2 * y + 1) * file.height / 4))
                #expect((pixel[0] > 128) == (bright == (x, y)), "\(name) at \(x), \(y)")
            }
        }
    }

    @Test("a film whose first frames cannot be decoded by themselves is copied from its start")
    func lateKeyFrame() async throws {
        var film = try await OddFilm(["-bf", "0", "-use_editlist", "0"])
        // The list of frames that can: one, the 40th.
        try film.replace(after: Array("stss".utf8), 4, with: [UInt32(1), 40].flatMap(\.bigEndianBytes))
        let folder = try TemporaryFolder()
        let file = try VideoFile(folder.write(film.bytes, as: "film.mp4"))
        // As stills do.
        _ = try VideoDecoder(file).frame(notBefore: .max, within: 1000)
        try FaststartRemux.run(file, to: folder.file("copy.mp4"), as: .mp4)
        #expect(try await Self.pictures(in: folder.file("copy.mp4")) == 50)
    }

    @Test("a file that cannot be read is no film that ends early", arguments: 0..<3)
    func readError(part: Int) async throws {
        let folder = try TemporaryFolder()
        let film = try await OddFilm()
        let file = try VideoFile(folder.write(film.bytes, as: "film.mp4"))
        // As it is after a read that failed.
        try #require(file.context.pointee.pb).pointee.error = -EIO
        #expect(throws: DecodingFailure.internalFailure("The original cannot be read.")) {
            switch part {
            case 0: try FaststartRemux.run(file, to: folder.file("copy.mp4"), as: .mp4)
            case 1: _ = try VideoDecoder(file).frame(notBefore: .max, within: 1000)
            default:
                file.context.pointee.duration = 0
                try FilmLength.complete(file.context, picture: file.pictureIndex)
            }
        }
    }

    @Test("a file that cannot even be opened, or read from its start, is not called damaged", arguments: [
        ("/nowhere/film.mp4", "The original cannot be opened."),
        // There is nothing at the address 0.
        ("/proc/self/mem", "The original cannot be read."),
    ])
    func unreadable(path: String, reason: String) {
        #expect(throws: DecodingFailure.internalFailure(reason)) { try VideoFile(path) }
    }

    @Test("a film that begins at an absurd time is shown", arguments: [9_223_372_036_750, 1 << 62, 1 << 40] as [Int64])
    func absurdStart(seconds: Int64) async throws {
        let options = ["-video_track_timescale", "1", "-movflags", "+frag_keyframe+empty_moov+default_base_moof"]
        var film = try await OddFilm(options, source: "testsrc=s=160x90:r=1:d=4")
        // The time of the first fragment, a number of 64 bits.
        try film.replace(after: Array("tfdt".utf8), 4, with: seconds.bigEndianBytes)
        let outcome = try await Self.decoded(film)
        #expect(outcome.isDone && outcome.file(.poster) != nil)
    }

    @Test("a film whose times hardly go on is not kept in memory", arguments: ["", "[out0];sine=d=2[out1]"])
    func standingTimes(sound: String) async throws {
        var film = try await OddFilm(["-bf", "0"], source: "testsrc2=s=160x90:r=25:d=2,noise=alls=40:allf=t" + sound)
        // Each frame lasts for one tick.
        try film.replace(after: Array("stts".utf8), 12, with: UInt32(1).bigEndianBytes)
        let folder = try TemporaryFolder()
        let path = folder.file("copy.mp4")
        let file = try VideoFile(folder.write(film.bytes, as: "film.mp4"))
        let copy = StreamCopy(
            file: file, path: path, muxer: "mp4", options: VideoSegments.options, beginsWithKeyFrame: true, longestQueue: 100_000)
        try copy.run()
        let input = try InputFile(path)
        let found = try #require(try FilmFragments(track: 1, size: input.size, read: input.read))
        #expect(input.size > 300_000 && found.fragments.allSatisfy { $0.length < 200_000 }, "\(found.fragments.map(\.length))")
        #expect(try await Self.pictures(in: path) == 50)
    }

    @Test("a muxer's failure is told from its refusal", arguments: [
        (EFBIG, .resultTooLarge), (ENOMEM, .outOfMemory), (ENOSPC, .internalFailure("The film cannot be written.")), (EINVAL, nil),
    ] as [(Int32, DecodingFailure?)])
    func failures(number: Int32, failure: DecodingFailure?) {
        #expect(StreamCopy.failure(-number) as? DecodingFailure == failure)
        #expect(StreamCopy.failure(-number) is StreamCopy.Refusal == (failure == nil))
    }
}
