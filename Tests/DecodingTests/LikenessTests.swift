import Core
import Foundation
import TestSupport
import Testing

@testable import Decoding

@Suite("Likenesses") struct LikenessTests {
    /// Colours that change in both directions.
    private static func pixels(_ width: Int, _ height: Int, hasOpacity: Bool) -> RGBAPixels {
        var bytes: [UInt8] = []
        for (y, x) in (0..<height).flatMap({ y in (0..<width).map { (y, $0) } }) {
            let colour: [Int] = [x * 255 / (width - 1), y * 255 / (height - 1), x * y * 7 % 256, hasOpacity ? x * 40 % 256 : 255]
            bytes += colour.map { UInt8($0) }
        }
        return RGBAPixels(width: width, height: height, bytes: bytes)
    }

    // From the Python package `thumbhash` 0.1.2, which follows the published algorithm line by line.
    @Test("a ThumbHash is that of other implementations", arguments: [
        (8, 6, false, "GvoRHZ6Ah4eQiIiHiHiIh4cHB/iH"), (5, 9, false, "GgoSHCCAF4mIiIeIeIiFBQjoeA=="),
    ])
    func vectors(width: Int, height: Int, hasOpacity: Bool, expected: String) throws {
        let hash = ThumbHash(Self.pixels(width, height, hasOpacity: hasOpacity)).bytes
        let others = Array(try #require(Data(base64Encoded: expected)))
        #expect(hash.count == others.count && hash.prefix(5) == others.prefix(5))
        // A wave of no height stands between two steps, and sums of floating-point numbers differ in their last bit.
        for (byte, other) in zip(hash, others) {
            #expect(abs(Int(byte & 15) - Int(other & 15)) <= 1 && abs(Int(byte >> 4) - Int(other >> 4)) <= 1)
        }
    }

    @Test("a single pixel has a ThumbHash", arguments: [0, 255])
    func single(opacity: Int) {
        #expect(ThumbHash(RGBAPixels(width: 1, height: 1, bytes: [9, 9, 9, UInt8(opacity)])).bytes.count >= 5)
    }

    @Test("the dominant colour is the mean of the most frequent ones; what cannot be seen does not count")
    func dominant() {
        let row: [UInt8] = [200, 10, 10, 255, 202, 12, 12, 255, 0, 0, 255, 255, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0]
        #expect(DominantColour.of(RGBAPixels(width: 6, height: 1, bytes: row)) == "#c90b0b")
        #expect(DominantColour.of(RGBAPixels(width: 1, height: 1, bytes: [1, 2, 3, 0])) == nil)
    }
}

@Suite("Likenesses of photos", .enabled(if: Fixtures.areMade, "the fixtures are not made"))
struct PhotoLikenessTests {
    @Test("a placeholder looks like its picture", arguments: ["demo-01.jpg", "demo-05.jpg", "demo-12.jpg", "alpha.png", "orientation-6.jpg"])
    func placeholder(name: String) async throws {
        let outcome = try await decode(Fixtures.media(name))
        let hash = try #require(outcome.facts?.placeholder.flatMap { Data(base64Encoded: $0) })
        let thumb = try pixels(of: #require(outcome.path(.thumb, .webp)))
        let shown = ShownThumbHash(Array(hash))
        #expect((shown.width > shown.height) == (thumb.width > thumb.height))
        let small = try RGBAPixels(of: thumb)
        var (difference, count) = (0.0, 0.0)
        for y in 0..<shown.height {
            for x in 0..<shown.width {
                let place = (y * small.height / shown.height * small.width + x * small.width / shown.width) * 4
                guard small.bytes[place + 3] > 200 else { continue }
                for band in 0..<3 { difference += abs(shown.colour(x, y)[band] * 255 - Double(small.bytes[place + band])) }
                count += 3
            }
        }
        // A few blurred waves: the mean of all is close, no single pixel needs to be.
        #expect(count > 0 && difference / count < 30, "mean difference \(difference / count) of 255")
    }

    @Test("a photo's facts bear its dominant colour")
    func colour() async throws {
        let text = try #require(try await decode(Fixtures.media("demo-04.jpg")).facts?.dominantColour)
        #expect(text.wholeMatch(of: /#[0-9a-f]{6}/) != nil)
    }

    @Test("a recipe that asks for nothing is refused")
    func nothing() async throws {
        let outcome = try await decode(Fixtures.media("demo-02.jpg"), Recipe(sizes: [], formats: [.jpeg], version: 1))
        #expect(outcome.kinds == ["failed"])
    }

    /// Photos of one moment: a little moved, brighter, coarser.
    private static let changes = [
        ["extract_area", "24", "12", "2952", "1968"], ["linear", "1.08", "4"], ["linear", "0.93", "2"], ["gaussblur", "1.5"],
        ["extract_area", "0", "20", "2960", "1970"],
    ]

    @Test("pictures of a burst are near each other, different ones are not", .enabled(if: Tool.program("vips") != nil, "vips is not installed"))
    func burst() async throws {
        let names = (1...12).map { "demo-" + ($0 < 10 ? "0" : "") + "\($0).jpg" }
        var hashes: [PerceptualHash] = []
        for name in names {
            hashes.append(try #require(try await decode(Fixtures.media(name), .thumbnails).facts?.perceptualHash))
        }
        for (index, first) in hashes.enumerated() {
            for other in hashes[(index + 1)...] { #expect(!first.isNear(other)) }
        }
        let (folder, vips) = (try TemporaryFolder(), try Tool("vips"))
        for index in [0, 1, 3] {
            for change in Self.changes {
                let path = folder.file("burst.jpg")
                _ = try await vips.output([change[0], Fixtures.media(names[index]), path] + change.dropFirst())
                let hash = try #require(try await decode(path, .thumbnails).facts?.perceptualHash)
                #expect(hash.isNear(hashes[index]), "\(names[index]) after \(change): \(hash.distance(to: hashes[index]))")
            }
        }
    }
}

/// What a browser makes of a ThumbHash: the published algorithm's other half.
private struct ShownThumbHash {
    let width: Int
    let height: Int
    private var light: [Double] = []
    private var yellow: [Double] = []
    private var red: [Double] = []
    private let means: [Double]
    private let frequencies: (columns: Int, rows: Int)

    init(_ hash: [UInt8]) {
        let first = Int(hash[0]) | Int(hash[1]) << 8 | Int(hash[2]) << 16
        let second = Int(hash[3]) | Int(hash[4]) << 8
        let (hasOpacity, isLandscape) = (first >> 23 == 1, second >> 15 == 1)
        means = [Double(first & 63) / 63, Double(first >> 6 & 63) / 31.5 - 1, Double(first >> 12 & 63) / 31.5 - 1]
        let long = hasOpacity ? 5 : 7
        let (columns, rows) = (isLandscape ? long : second & 7, isLandscape ? second & 7 : long)
        let ratio = Double(columns) / Double(rows)
        (width, height) = (Int((ratio > 1 ? 32 : 32 * ratio).rounded()), Int((ratio > 1 ? 32 / ratio : 32).rounded()))
        frequencies = (max(3, columns), max(3, rows))
        var index = 0
        func channel(_ columns: Int, _ rows: Int, _ scale: Double) -> [Double] {
            (0..<rows).flatMap { row in
                (0..<columns).filter { $0 * rows < columns * (rows - row) && ($0 > 0 || row > 0) }.map { _ in
                    let byte = hash[(hasOpacity ? 6 : 5) + index / 2] >> (index % 2 * 4) & 15
                    index += 1
                    return (Double(byte) / 7.5 - 1) * scale
                }
            }
        }
        light = channel(frequencies.columns, frequencies.rows, Double(first >> 18 & 31) / 31)
        yellow = channel(3, 3, Double(second >> 3 & 63) / 63 * 1.25)
        red = channel(3, 3, Double(second >> 9 & 63) / 63 * 1.25)
    }

    func colour(_ x: Int, _ y: Int) -> [Double] {
        let value = { (mean: Double, waves: [Double], columns: Int, rows: Int) in
            var (value, index) = (mean, 0)
            for row in 0..<rows {
                for column in 0..<columns where column * rows < columns * (rows - row) && (column > 0 || row > 0) {
                    let across = cos(.pi / Double(width) * (Double(x) + 0.5) * Double(column))
                    value += waves[index] * across * cos(.pi / Double(height) * (Double(y) + 0.5) * Double(row)) * 2
                    index += 1
                }
            }
            return value
        }
        let (l, p, q) = (value(means[0], light, frequencies.columns, frequencies.rows), value(means[1], yellow, 3, 3), value(means[2], red, 3, 3))
        let blue = l - 2 / 3 * p
        let red = (3 * l - blue + q) / 2
        return [red, red - q, blue].map { min(1, max(0, $0)) }
    }
}
