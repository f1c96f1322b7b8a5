import CAVFormat
import Core
import Foundation
import TestSupport
import Testing

@testable import Decoding

@Suite("Which still stands for a film") struct FrameScoreTests {
    /// 64 x 64 pixels, by their places.
    private static func score(_ brightness: (_ x: Int, _ y: Int) -> Int) -> FrameScore {
        FrameScore(grey: (0..<4096).map { UInt8(clamping: brightness($0 % 64, $0 / 64)) }, width: 64)
    }

    private static let scene = score { x, y in 60 + (x / 8 + y / 8) % 2 * 120 + (x * 7 + y * 13) % 20 }

    @Test("black, white and grey all over are useless, or nearly") func flat() {
        for brightness in [0, 3, 255] { #expect(Self.score { _, _ in brightness }.value < 0.02) }
        #expect(Self.score { _, _ in 128 }.value < 0.02)
        #expect(Self.scene.value > 0.5)
    }

    @Test("a blurred picture is worth less than the same in focus") func blur() {
        let blurred = Self.score { x, y in 120 + Int(60 * sin(Double(x) / 5) * sin(Double(y) / 5)) }
        #expect(blurred.value < Self.scene.value * 0.8)
    }

    @Test("a scene at night is worth more than black, and less than by day") func night() {
        let night = Self.score { x, y in (x / 8 + y / 8) % 2 * 30 + (x * 7 + y * 13) % 8 }
        #expect(night.value > 0.05 && night.value < Self.scene.value)
    }

    @Test("the best is chosen, an earlier one if it is nearly as good", arguments: [
        ([1, 1, 1], 0), ([1, 1.03, 1], 0), ([1, 1.2, 1.1], 1), ([0, 0, 0.1], 2), ([0], 0), ([], nil),
    ] as [([Double], Int?)])
    func choice(values: [Double], expected: Int?) { #expect(FrameScore.best(of: values) == expected) }

    @Test("stills are looked for early in a film, at ascending times", arguments: [0, 1_000_000, 60_000_000, 7_200_000_000, -5] as [Int64])
    func times(duration: Int64) {
        let times = VideoPoster.times(duration: duration)
        #expect(times.map(\.time) == times.map(\.time).sorted() && Set(times.map(\.rank)) == Set(0..<5))
        #expect(times.allSatisfy { (0...max(0, duration)).contains($0.time) && $0.time <= 120_000_000 })
    }
}

@Suite("Stills of films", .enabled(if: Tool.program("ffmpeg") != nil, "ffmpeg is not installed"))
struct StillTests {
    /// Makes a film of sources that ffmpeg draws, one after the other.
    static func film(_ sources: [String], in folder: TemporaryFolder, _ options: [String] = ["-g", "25"]) async throws -> String {
        let inputs = sources.flatMap { ["-f", "lavfi", "-i", $0] }
        let joined = sources.indices.map { "[\($0):v]" }.joined() + "concat=n=\(sources.count):v=1:a=0"
        let path = folder.file("film.mp4")
        _ = try await Tool("ffmpeg").output(
            ["-nostdin", "-loglevel", "error"] + inputs + ["-filter_complex", joined, "-pix_fmt", "yuv420p", "-c:v", "libx264"]
                + options + ["-movflags", "+faststart", path])
        return path
    }

    private static func brightness(_ path: String) throws -> Int {
        let picture = try pixels(of: path)
        let points = (0..<16).map { (x: picture.width * (2 * ($0 % 4) + 1) / 8, y: picture.height * (2 * ($0 / 4) + 1) / 8) }
        return points.compactMap { picture.pixel(x: $0.x, y: $0.y) }.flatMap(\.self).reduce(0) { $0 + Int($1) } / (16 * 3)
    }

    @Test("a film that begins in black is shown by something else, also with a single key frame", arguments: [["-g", "25"], ["-g", "9999"]])
    func black(options: [String]) async throws {
        let folder = try TemporaryFolder()
        let film = try await Self.film(["color=black:s=320x180:d=3:r=25", "testsrc=s=320x180:d=5:r=25"], in: folder, options)
        let outcome = try await decode(film, .tiny)
        #expect(try Self.brightness(#require(outcome.path(.poster))) > 60)
        #expect(outcome.isDone && outcome.facts?.isDamaged == false)
    }
}
