import Core
import Foundation
import TestSupport
import Testing

@testable import Decoding

/// Metadata written by exiftool into every kind of file, read back, and freed of its place.
@Suite(
    "Metadata in every container",
    .enabled(if: Fixtures.areMade && Tool.program("exiftool") != nil, "the fixtures are not made, or exiftool is not installed"))
struct MetadataTests {
    private static let written = [
        "-LensModel=NIKKOR Z 85mm", "-FNumber=2.8", "-ExposureTime=1/125", "-ISO=640", "-FocalLength=85", "-FocalLengthIn35mmFormat=85",
        "-ExposureCompensation=-0.67", "-MeteringMode=Spot", "-ExposureProgram=Manual", "-EXIF:Flash#=1",
        "-EXIF:DateTimeOriginal=2026:06:20 18:39:15", "-EXIF:SubSecTimeOriginal=250", "-EXIF:OffsetTimeOriginal=+02:00",
        "-EXIF:GPSLatitude=48.137", "-EXIF:GPSLatitudeRef=N", "-EXIF:GPSLongitude=11.575", "-EXIF:GPSLongitudeRef=W",
        "-EXIF:GPSAltitude=519", "-EXIF:GPSAltitudeRef=0", "-EXIF:Artist=Ada", "-EXIF:Copyright=(c) Ada",
    ]
    private static let described = [
        "-XMP-dc:Title=Summit", "-XMP-dc:Description=Morning", "-XMP-dc:Subject=snow", "-XMP-dc:Subject=ice", "-XMP-xmp:Rating=4",
        "-XMP-exif:GPSLatitude=48.137", "-XMP-exif:GPSLongitude=-11.575",
    ]

    private static let names = ["orientation-1.jpg", "alpha.png", "photo.webp", "photo.heic", "photo.avif", "photo.tiff", "photo.dng"]

    /// A fixture with all that written into it.
    private func tagged(_ name: String, in folder: TemporaryFolder) async throws -> String {
        let path = folder.file(name)
        try FileManager.default.copyItem(atPath: Fixtures.media(name), toPath: path)
        // What vips or a camera has written is no part of this.
        if !name.hasSuffix("dng") { _ = try await Tool("exiftool").run(["-q", "-q", "-m", "-overwrite_original", "-all=", path]) }
        _ = try await Tool("exiftool").output(["-q", "-q", "-m", "-overwrite_original"] + Self.written + Self.described + [path])
        return path
    }

    private func facts(_ path: String) async throws -> MediaFacts {
        let recipe = Recipe(sizes: [.init(.thumb, longEdge: 64, quality: 50)], formats: [.jpeg], version: 1)
        return try #require(try await decode(path, recipe).facts)
    }

    @Test("fields are typed, whatever they lie in", arguments: names)
    func fields(name: String) async throws {
        let folder = try TemporaryFolder()
        let facts = try await facts(tagged(name, in: folder))
        let exif = try #require(facts.exif)
        #expect((exif.lens, exif.aperture, exif.exposureTime, exif.iso, exif.focalLength) == ("NIKKOR Z 85mm", 2.8, 0.008, 640, 85))
        #expect((exif.focalLength35mm, exif.exposureBias, exif.flash) == (85, -0.67, true))
        #expect((exif.meteringMode, exif.exposureProgram) == ("spot", "manual"))
        #expect(exif.capturedAt == "2026-06-20T18:39:15.25+02:00")
        #expect((exif.latitude, exif.longitude, exif.altitude) == (48.137, -11.575, 519))
        #expect((exif.artist, exif.copyright) == ("Ada", "(c) Ada"))
        #expect(facts.tags?.contains { $0.group == "exif" && $0.name == "FNumber" && $0.value.contains("2.8") } == true)
        #expect(facts.tags?.contains { $0.group == "gps" && $0.name.contains("Latitude") } == true)
        guard !name.hasSuffix("dng") else { return }
        let editorial = try #require(facts.editorial)
        #expect((editorial.title, editorial.caption, editorial.rating) == ("Summit", "Morning", 4))
        #expect(editorial.keywords == ["snow", "ice"])
    }

    @Test("IPTC fields are read where there is no XMP")
    func iptc() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("photo.jpg")
        try FileManager.default.copyItem(atPath: Fixtures.media("orientation-1.jpg"), toPath: path)
        _ = try await Tool("exiftool").output([
            "-q", "-overwrite_original", "-IPTC:ObjectName=Summit", "-IPTC:Caption-Abstract=Morning", "-IPTC:Keywords=snow", "-IPTC:By-line=Ada",
            "-IPTC:CopyrightNotice=(c) Ada", path,
        ])
        let facts = try await facts(path)
        #expect((facts.editorial?.title, facts.editorial?.caption, facts.editorial?.keywords) == ("Summit", "Morning", ["snow"]))
        #expect((facts.exif?.artist, facts.exif?.copyright) == ("Ada", "(c) Ada"))
    }

    @Test("exiftool finds no place after its removal, and every other field", arguments: names)
    func removal(name: String) async throws {
        let folder = try TemporaryFolder()
        let path = try await tagged(name, in: folder)
        let freed = try Self.freed(path, in: folder)
        let found = try await Self.tags(of: freed)
        #expect(found.filter { $0.contains("GPS") } == [])
        #expect(found.contains("FNumber") && found.contains("Artist"))
        try await expectSamePixels(path, freed)
        let facts = try await facts(freed)
        #expect(facts.exif?.latitude == nil && facts.exif?.iso == 640)
    }

    @Test("places of cameras' own files go, and their pixels stay", .enabled(if: Fixtures.haveSamples, "the camera samples are absent"),
        arguments: ["DSCN0010.jpg", "DSCN0042.jpg", "IMG_5195.HEIC", "iphone_hdr_YES.jpg", "iphone_13_pro_max.HEIC",
            "22-canon_tags.jpg", "Arbitro.tiff"])
    func samples(name: String) async throws {
        let folder = try TemporaryFolder()
        let freed = try Self.freed(Fixtures.sample(name), in: folder)
        #expect(try await Self.tags(of: freed).filter { $0.contains("GPS") } == [])
        try await expectSamePixels(Fixtures.sample(name), freed)
    }

    /// A copy with its place removed, of the same length.
    static func freed(_ path: String, in folder: TemporaryFolder) throws -> String {
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        let file = try InputFile(path)
        guard case .patches(let patches) = try PlaceRemoval.outcome(size: file.size, read: file.read) else {
            throw Tool.Failure(description: "\(path) cannot be looked through")
        }
        let count = bytes.count
        BytePatch.apply(patches, to: &bytes, at: 0)
        #expect(bytes.count == count)
        return try folder.write(bytes, as: "freed")
    }

    /// The names of everything that exiftool finds.
    static func tags(of path: String) async throws -> Set<String> {
        let json = try await Tool("exiftool").json(["-json", "-a", "-ee", path])
        guard case .array(let files) = json, case .object(let tags)? = files.first else { return ["GPS: no answer"] }
        return Set(tags.keys)
    }

    private func expectSamePixels(_ first: String, _ second: String) async throws {
        var recipe = Recipe.standard
        (recipe.sizes, recipe.formats) = ([Recipe.Size(.medium, longEdge: 1280, quality: 90)], [.png])
        let outcomes = try await (decode(first, recipe), decode(second, recipe))
        #expect(try outcomes.0.bytes(.medium, .png) == outcomes.1.bytes(.medium, .png))
        #expect(outcomes.0.isDone && outcomes.0.facts?.isDamaged == outcomes.1.facts?.isDamaged)
    }
}
