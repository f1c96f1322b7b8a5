import Core
import Foundation
import TestSupport
import Testing

@testable import Decoding

@Suite("Pictures that move")
struct AnimationTests {
    private static let recipe = Recipe(
        sizes: [.init(.thumb, longEdge: 80, quality: 78), .init(.medium, longEdge: 160, quality: 80), .init(.large, longEdge: 640, quality: 90)],
        formats: [.jpeg], version: 1, animation: .large)

    private static let isSoak = ProcessInfo.processInfo.environment["LUMIERE_SOAK"] != nil

    private static let usual = TestGIF(frames: [(10, 7), (60, 20), (110, 100), (30, 3)])

    private func decode(_ gif: TestGIF, _ recipe: Recipe = recipe, _ part: DecodePart = .all) async throws -> Outcome {
        try await decode(gif.bytes, recipe, part)
    }

    private func decode(_ bytes: [UInt8], _ recipe: Recipe = recipe, _ part: DecodePart = .all) async throws -> Outcome {
        let folder = try TemporaryFolder()
        return try await DecodingTests.decode(folder.write(bytes, as: "moving"), recipe, part)
    }

    /// A pixel of each frame of what was made.
    private func pixels(_ outcome: Outcome, x: Int, y: Int) throws -> [[Int]] {
        let path = try #require(outcome.path(.animation, .webp))
        let shape = try MovingPicture.Shape(of: path)
        var pixels: [[Int]] = []
        _ = try MovingPicture(of: path, longEdge: 10_000, frames: shape.frames, within: .seconds(30)).mapped { frame in
            pixels.append(try #require(frame.pixel(x: x, y: y)).prefix(3).map(Int.init))
            return frame
        }
        return pixels
    }

    @Test("come after their stills, with all frames in their colours and times")
    func whole() async throws {
        let outcome = try await decode(Self.usual)
        #expect(outcome.kinds == ["facts", "thumb.jpeg", "medium.jpeg", "large.jpeg", "animation.webp", "done"])
        #expect(outcome.file(.animation, .webp).map { [$0.width, $0.height] } == [200, 120])
        let times = WebPTimes(try outcome.bytes(.animation, .webp))
        #expect(times.delays == [70, 200, 1000, 30] && times.loops == 0)
        #expect(!times.chunks.contains("EXIF"))
        for (pixel, frame) in zip(try pixels(outcome, x: 100, y: 60), Self.usual.frames) {
            #expect(zip(pixel, TestGIF.rgb(frame.colour)).allSatisfy { abs($0 - $1) < 12 }, "\(pixel) of \(frame.colour)")
        }
    }

    @Test("begin again as often as they say", arguments: [(0, 0), (2, 3), (nil, 1)] as [(Int?, Int)])
    func loops(repeats: Int?, shown: Int) async throws {
        var gif = Self.usual
        gif.repeats = repeats
        #expect(WebPTimes(try await decode(gif).bytes(.animation, .webp)).loops == shown)
    }

    @Test("are shown for a tenth of a second where they say next to nothing, as browsers do")
    func noDelay() async throws {
        let outcome = try await decode(TestGIF(frames: [(1, 0), (60, 1), (120, 2)]))
        #expect(WebPTimes(try outcome.bytes(.animation, .webp)).delays == [100, 100, 20])
    }

    @Test("are no larger than asked for, and WebP files move as GIF files do")
    func sizes() async throws {
        var recipe = Self.recipe
        recipe.animation = .medium
        let first = try await decode(Self.usual, recipe)
        #expect(first.file(.animation, .webp).map { [$0.width, $0.height] } == [160, 96])
        recipe.sizes[1].longEdge = 100
        let second = try await decode(try first.bytes(.animation, .webp), recipe)
        #expect(second.facts?.contentType == "image/webp")
        #expect(second.file(.animation, .webp).map { [$0.width, $0.height] } == [100, 60])
        #expect(WebPTimes(try second.bytes(.animation, .webp)) == WebPTimes(try first.bytes(.animation, .webp)))
    }

    @Test("bear the mark on every frame, and never in the thumbnail")
    func watermark() async throws {
        var marked = Self.recipe
        marked.watermark = Watermark(text: "LUMIERE", place: .tiled, opacity: 100, scale: 60, colour: "#ffffff", shadow: false)
        let (with, without) = (try await decode(Self.usual, marked), try await decode(Self.usual))
        #expect(WebPTimes(try with.bytes(.animation, .webp)).delays == [70, 200, 1000, 30])
        var traces = [Int](repeating: 0, count: 4)
        for x in stride(from: 0, to: 200, by: 10) {
            for y in stride(from: 0, to: 120, by: 10) {
                for (index, pair) in zip(try pixels(with, x: x, y: y), try pixels(without, x: x, y: y)).enumerated()
                where zip(pair.0, pair.1).contains(where: { abs($0 - $1) > 40 }) { traces[index] += 1 }
            }
        }
        #expect(traces.allSatisfy { $0 > 5 }, "\(traces)")
        #expect(try with.bytes(.thumb) == without.bytes(.thumb))
    }

    @Test("without a mark's picture are not made, nor is anything else")
    func noPicture() async throws {
        var marked = Self.recipe
        marked.watermark = Watermark(picture: String(repeating: "a", count: 64))
        let outcome = try await decode(Self.usual, marked)
        #expect(outcome.failure?.code == "internal" && outcome.file(.animation, .webp) == nil)
    }

    @Test("stay still unless the recipe says otherwise, and where nothing moves")
    func still() async throws {
        var off = Self.recipe
        off.animation = nil
        #expect(try await decode(Self.usual, off).files.count == 3)
        #expect(try await decode(TestGIF(frames: [(10, 7)])).files.count == 3)
        for part in [DecodePart.thumbnail, .avif] {
            #expect(try await decode(Self.usual, Self.recipe, part).file(.animation, .webp) == nil)
        }
        #expect(try await decode(Self.usual, Self.recipe, .rest).kinds == ["facts", "medium.jpeg", "large.jpeg", "animation.webp", "done"])
    }

    @Test("with thousands of frames are a photo of their first")
    func manyFrames() async throws {
        var gif = TestGIF(frames: (0..<5000).map { (UInt8($0 % 128), 0) })
        (gif.width, gif.height) = (8, 8)
        let start = ContinuousClock.now
        let outcome = try await decode(gif)
        #expect(outcome.isDone && outcome.files.map(\.name) == [.thumb, .medium, .large])
        #expect(start.duration(to: .now) < .seconds(10))
    }

    @Test("that are cut anywhere are shown as far as they go, or as their stills, and never crash", arguments: [false, true])
    func cut(isWebP: Bool) async throws {
        let gif = TestGIF(frames: (0..<12).map { (UInt8($0 * 10), 5) })
        let bytes = isWebP ? try await decode(gif).bytes(.animation, .webp) : gif.bytes
        for part in 1...12 {
            let outcome = try await decode(Array(bytes.prefix(bytes.count * part / 13)))
            #expect(outcome.isDone || outcome.failure?.code == "damaged", "\(part): \(outcome.kinds)")
        }
    }

    @Test("with bytes that lie are read or refused, and never crash", arguments: 0..<(isSoak ? 400 : 12))
    func mutated(seed: Int) async throws {
        var bytes = TestGIF(width: 40, height: 30, frames: (0..<6).map { (UInt8($0 * 20), 5) }).bytes
        for step in 0..<8 { bytes[6 + (seed * 7919 + step * 104_729) % (bytes.count - 6)] = UInt8(truncatingIfNeeded: seed * 31 + step * 17) }
        let outcome = try await decode(bytes)
        #expect(outcome.isDone || outcome.failure != nil)
    }

    @Test("are made smaller when they are too much, and not at all when that leaves nothing", arguments: [
        (MovingPicture.Shape(frames: 20, width: 480, height: 320), 1280, 480),
        (.init(frames: 20, width: 4000, height: 2000), 1280, 1280), (.init(frames: 100, width: 2000, height: 1000), 1280, 894),
        (.init(frames: 600, width: 1000, height: 700), 1280, 308), (.init(frames: 600, width: 40, height: 30), 1280, 40),
        (.init(frames: 600, width: 10, height: 60_000), 1280, 1280), (.init(frames: 601, width: 40, height: 30), 1280, nil),
        (.init(frames: 1, width: 40, height: 30), 1280, nil), (.init(frames: 600, width: 1000, height: 1000), 1280, nil),
        (.init(frames: 2, width: 65_000, height: 65_000), 1280, nil), (.init(frames: 2, width: 0, height: 10), 1280, nil),
        (.init(frames: 2, width: .max / 4, height: 4), 1280, nil),
    ] as [(MovingPicture.Shape, Int, Int?)])
    func bounds(shape: MovingPicture.Shape, edge: Int, expected: Int?) {
        #expect(AnimationStep.edge(of: shape, atMost: edge) == expected)
    }

    @Test("that take too long are given up")
    func late() throws {
        try VipsLibrary.start()
        let folder = try TemporaryFolder()
        // Long enough that there is somebody to look at the clock in the middle.
        let gif = TestGIF(width: 40, height: 1000, frames: (0..<30).map { (UInt8($0), 5) })
        let path = try folder.write(gif.bytes, as: "moving.gif")
        #expect(throws: VipsLibrary.Failure.self) { try MovingPicture(of: path, longEdge: 900, frames: 30, within: .zero) }
        let moving = try MovingPicture(of: path, longEdge: 900, frames: 30, within: .seconds(30))
        #expect(throws: VipsLibrary.Failure.self) { try moving.webP(quality: 80, effort: 2, within: .zero) }
        #expect(try moving.webP(quality: 80, effort: 2, within: .seconds(30)).count > 100)
    }
}
