import Core
import Foundation
import TestSupport
import Testing

@testable import Decoding

@Suite("Watermarks")
struct WatermarkTests {
    private static let (width, height) = (600, 400)

    /// A picture of one grey.
    private func flat(_ grey: UInt8, in folder: TemporaryFolder) throws -> String {
        try VipsLibrary.start()
        let pixels = [UInt8](repeating: grey, count: Self.width * Self.height * 3)
        let path = folder.file("flat-\(grey).png")
        try Picture.pixels(pixels, width: Self.width, height: Self.height, bands: 3).savePNG(to: path)
        return path
    }

    private func recipe(_ mark: Watermark?) -> Recipe {
        Recipe(
            sizes: [.init(.thumb, longEdge: 320, quality: 80), .init(.large, longEdge: Self.width, quality: 80)], formats: [.jpeg, .png],
            version: 1, watermark: mark)
    }

    /// Carries out a request for a flat picture.
    private func marked(_ mark: Watermark?, on grey: UInt8 = 128, picture: Data? = nil) async throws -> Outcome {
        let folder = try TemporaryFolder()
        return try await decode(try flat(grey, in: folder), recipe(mark), watermarkPicture: picture)
    }

    /// Places, of every second line and column, whose pixels differ from a grey.
    private func traces(_ outcome: Outcome, _ name: RenditionName = .large, grey: UInt8 = 128) throws -> [(x: Int, y: Int)] {
        let picture = try pixels(of: #require(outcome.path(name, .png)))
        return stride(from: 0, to: picture.height, by: 2).flatMap { y in
            stride(from: 0, to: picture.width, by: 2).compactMap { x in
                picture.pixel(x: x, y: y)?.prefix(3).contains { abs(Int($0) - Int(grey)) > 3 } == true ? (x, y) : nil
            }
        }
    }

    @Test("stand at their anchor and nowhere else, and never in the thumbnail", arguments: [
        (Watermark.Place.topLeft, 0, 0), (.top, 1, 0), (.topRight, 2, 0), (.left, 0, 1), (.centre, 1, 1), (.right, 2, 1),
        (.bottomLeft, 0, 2), (.bottom, 1, 2), (.bottomRight, 2, 2),
    ])
    func anchors(place: Watermark.Place, column: Int, row: Int) async throws {
        let outcome = try await marked(Watermark(text: "© Lumiere", place: place))
        #expect(outcome.isDone)
        let found = try traces(outcome)
        #expect(found.count > 50)
        let strays = found.filter { $0.x * 3 / Self.width != column || $0.y * 3 / Self.height != row }
        #expect(strays.isEmpty, "\(strays.count) of \(found.count)")
        #expect(try traces(outcome, .thumb).isEmpty)
        // The margin of 3 % is kept: 12 pixels, of which the shadow may take some.
        #expect(found.allSatisfy { (4..<Self.width - 4).contains($0.x) && (4..<Self.height - 4).contains($0.y) })
    }

    @Test("without one, nothing is drawn")
    func absent() async throws {
        let outcome = try await marked(nil)
        #expect(try traces(outcome).isEmpty && traces(outcome, .thumb).isEmpty)
    }

    @Test("tiles cover the picture, straight and turned, and not the thumbnail", arguments: [0, -30, 90])
    func tiled(rotation: Int) async throws {
        let outcome = try await marked(Watermark(text: "Lumiere", place: .tiled, scale: 15, rotation: rotation))
        let cells = Set(try traces(outcome).map { $0.x * 5 / Self.width + 5 * ($0.y * 5 / Self.height) })
        #expect(cells.count == 25)
        #expect(try traces(outcome, .thumb).isEmpty)
    }

    @Test("are written in any script, each its own, and what looks like markup is shown as it is", arguments: [
        "© Ада Лавлейс", "مرحبا بالعالم", "שלום עולם", "写真家 田中", "사진", "<b>&amp;\"'", "two\nlines", "%d %s",
    ])
    func scripts(text: String) async throws {
        let outcome = try await marked(Watermark(text: text, place: .centre, scale: 60, shadow: false))
        #expect(outcome.isDone)
        let found = try traces(outcome)
        let other = try traces(try await marked(Watermark(text: "####", place: .centre, scale: 60, shadow: false)))
        #expect(found.count > 200)
        #expect(found.map(\.x) != other.map(\.x))
        // As wide as is asked for, unless it would be too high.
        let (left, right) = (found.map(\.x).min() ?? 0, found.map(\.x).max() ?? 0)
        let (top, bottom) = (found.map(\.y).min() ?? 0, found.map(\.y).max() ?? 0)
        #expect(abs(right - left - 360) < 24 || abs(bottom - top - 200) < 24, "\(right - left) x \(bottom - top)")
    }

    @Test("a shadow keeps them legible on their own colour", arguments: [
        ("#ffffff", UInt8(255)), ("#000000", UInt8(0)), ("#202020", UInt8(32)),
    ])
    func shadow(colour: String, grey: UInt8) async throws {
        let with = try await marked(Watermark(text: "Lumiere", opacity: 100, colour: colour), on: grey)
        let without = try await marked(Watermark(text: "Lumiere", opacity: 100, colour: colour, shadow: false), on: grey)
        #expect(try traces(with, grey: grey).count > 50)
        #expect(try traces(without, grey: grey).isEmpty)
    }

    @Test("are as opaque as is said, in their colour", arguments: [(100, 255, 0), (50, 192, 64), (20, 153, 102)])
    func opacity(opacity: Int, red: Int, others: Int) async throws {
        let outcome = try await marked(
            Watermark(text: "█", place: .centre, opacity: opacity, scale: 100, colour: "#ff0000", shadow: false))
        let picture = try pixels(of: #require(outcome.path(.large, .png)))
        let pixel = try #require(picture.pixel(x: Self.width / 2, y: Self.height / 2))
        #expect(abs(Int(pixel[0]) - red) <= 3 && abs(Int(pixel[1]) - others) <= 3 && abs(Int(pixel[2]) - others) <= 3, "\(pixel)")
    }

    @Test("a turned one fits into the picture", arguments: [45, 90, -135])
    func turned(rotation: Int) async throws {
        let outcome = try await marked(Watermark(text: "A rather long line", place: .left, scale: 100, rotation: rotation))
        let found = try traces(outcome)
        let lines = (found.map(\.y).max() ?? 0) - (found.map(\.y).min() ?? 0)
        #expect(found.count > 50 && (150...Self.height).contains(lines), "\(lines)")
    }

    /// Red, its right half transparent.
    private func logo() throws -> Data {
        let folder = try TemporaryFolder()
        try VipsLibrary.start()
        let pixels: [UInt8] = (0..<800).flatMap { [255, 0, 0, $0 % 40 < 20 ? 255 : 0] as [UInt8] }
        let path = folder.file("logo.png")
        try Picture.pixels(pixels, width: 40, height: 20, bands: 4).savePNG(to: path)
        return try Data(contentsOf: URL(fileURLWithPath: path))
    }

    @Test("a picture with transparency is drawn, as large as is asked for")
    func picture() async throws {
        let mark = Watermark(
            picture: String(repeating: "a", count: 64), place: .topLeft, opacity: 100, scale: 20, margin: 0, shadow: false)
        let found = try traces(try await marked(mark, picture: try logo()))
        #expect(abs((found.map(\.x).max() ?? 0) - 60) <= 6 && abs((found.map(\.y).max() ?? 0) - 60) <= 3)
        #expect(abs(found.count - 30 * 30) < 120, "\(found.count)")
    }

    @Test("nothing is published without one that cannot be drawn", arguments: [
        nil, Data("no picture".utf8), Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
    ] as [Data?])
    func unusable(picture: Data?) async throws {
        let name = String(repeating: picture == nil ? "b" : picture?.count == 8 ? "c" : "d", count: 64)
        let outcome = try await marked(Watermark(picture: name), picture: picture)
        #expect(outcome.failure?.code == "internal")
        #expect(outcome.failure?.detail.hasPrefix("The watermark cannot be drawn") == true)
        #expect(outcome.file(.large) == nil && outcome.file(.thumb) != nil)
    }

    @Test("also stand in grey and transparent pictures, and in the still of a film", .enabled(if: Fixtures.areMade, "the fixtures are not made"),
        arguments: [("gray.jpg", RenditionName.large), ("alpha.png", .large), ("video-faststart.mp4", .poster), ("video-faststart.mp4", .large)])
    func kinds(name: String, rendition: RenditionName) async throws {
        let clean = try await decode(Fixtures.media(name), recipe(nil))
        let marked = try await decode(Fixtures.media(name), recipe(Watermark(text: "Lumiere", place: .centre, opacity: 100, scale: 50)))
        for format in [MediaFormat.jpeg, .png] {
            #expect(try clean.bytes(rendition, format) != marked.bytes(rendition, format))
            #expect(try clean.bytes(.thumb, format) == marked.bytes(.thumb, format))
        }
    }

    @Test("are drawn once for all pictures of a size")
    func cached() {
        var cache = WatermarkCache()
        let key = WatermarkCache.Key(watermark: Watermark(text: "A"), width: 10, height: 10)
        #expect(cache[key] == nil)
        let geometry = WatermarkGeometry(watermark: Watermark(text: "A"), width: 300, height: 200)
        guard let raster = try? WatermarkRaster(geometry, picture: nil) else { return #expect(Bool(false), "not drawn") }
        cache.add(raster, under: key)
        #expect(cache[key] == raster)
        // More than there is room for: the first goes.
        for width in 0..<(WatermarkCache.capacity / raster.byteCount + 1) {
            cache.add(raster, under: .init(watermark: Watermark(text: "A"), width: width, height: 1))
        }
        #expect(cache[key] == nil)
    }
}

@Suite("The place of a watermark")
struct WatermarkGeometryTests {
    @Test("is a number of percent from the edges, whatever the picture's shape", arguments: [(1200, 800), (800, 1200), (90, 60), (8192, 10)])
    func size(width: Int, height: Int) {
        let geometry = WatermarkGeometry(watermark: Watermark(text: "A", scale: 25), width: width, height: height)
        let size = geometry.size(ofNatural: (400, 100))
        #expect(size.width <= max(8, width / 4) && size.height <= max(8, height / 2))
        #expect(geometry.margin == min(width, height) * 3 / 100)
    }

    @Test("has a bounded number of tiles, also where they are tiny")
    func tiles() {
        let geometry = WatermarkGeometry(watermark: Watermark(text: "A", place: .tiled, scale: 1, margin: 0), width: 2560, height: 1707)
        let places = geometry.places(of: (8, 8))
        #expect(places.count < 2560 * 1707 / 200)
    }
}
