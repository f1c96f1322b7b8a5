import Core
import Foundation
import TestSupport
import Testing

@testable import Decoding

/// Renditions held against other programs: `vips` for colours, `exiftool` for what they say.
@Suite(
    "Renditions against other programs",
    .enabled(
        if: Fixtures.areMade && Tool.program("vips") != nil && Tool.program("exiftool") != nil,
        "the fixtures are not made, or vips or exiftool is not installed"))
struct ReferenceTests {
    private static let isSoak = ProcessInfo.processInfo.environment["LUMIERE_SOAK"] != nil

    /// Each of them takes seconds: all are held against the other program in the full tier alone.
    private static let conversions = [
        ("sixteen-bit.png", "deep.tif", ""), ("cmyk.jpg", "bare.jpg[strip]", "--input-profile=cmyk"),
        ("adobe-rgb.jpg", "wide.webp[Q=95]", "--embedded"), ("progressive.jpg", "palette.png[palette]", ""),
        ("sixteen-bit.png", "deep.png[profile=p3]", "--embedded"), ("cmyk.jpg", "cmyk.tif", "--embedded"),
        ("adobe-rgb.jpg", "wide.tif", "--embedded"), ("display-p3.jpg", "wide.png", "--embedded"),
        ("display-p3.jpg", "wide.avif[Q=90,effort=1]", "--embedded"), ("gray.jpg", "grey.webp[Q=95]", ""),
    ].prefix(isSoak ? 10 : 4)

    /// A picture, the profile it is to be read through, and how far apart (CIE76) its renditions may be in the mean.
    @Test("colours are those of a conversion by vips", arguments: [
        ("adobe-rgb.jpg", "--embedded"), ("display-p3.jpg", "--embedded"), ("cmyk.jpg", "--embedded"), ("gray.jpg", ""), ("sixteen-bit.png", ""),
        ("photo.tiff", ""), ("photo.webp", ""), ("photo.heic", ""), ("photo.avif", ""), ("demo-02.jpg", ""), ("orientation-1.jpg", ""),
    ])
    func colours(name: String, profile: String) async throws {
        let difference = try await difference(of: Fixtures.media(name), profile: profile)
        #expect(difference.mean < 1.5 && difference.maximum < 12, "\(difference)")
    }

    @Test("colours of phones' pictures are those of a conversion by vips", .enabled(if: Fixtures.haveSamples, "the camera samples are absent"),
        arguments: ["iphone_13_pro_max.HEIC", "IMG_5195.HEIC", "BlueSquare.jpg"])
    func phones(name: String) async throws {
        let difference = try await difference(of: Fixtures.sample(name), profile: "--embedded")
        #expect(difference.mean < 1.5 && difference.maximum < 12, "\(difference)")
    }

    @Test("other depths and profiles in other containers are those of a conversion by vips, too", arguments: conversions)
    func made(source: String, target: String, profile: String) async throws {
        let folder = try TemporaryFolder()
        let name = String(target.prefix { $0 != "[" })
        _ = try await Tool("vips").output(["copy", Fixtures.media(source), "\(folder.path)/\(target)"])
        let difference = try await difference(of: folder.file(name), profile: profile)
        #expect(difference.mean < 1.5 && difference.maximum < 12, "\(difference)")
    }

    /// The mean and the largest colour difference, on pictures reduced so far that what encoders and sharpening do to
    /// single pixels is no part of it.
    private func difference(of path: String, profile: String) async throws -> (mean: Double, maximum: Double) {
        let (folder, vips) = (try TemporaryFolder(), try Tool("vips"))
        let converted = folder.file("converted.v")
        if profile.isEmpty {
            _ = try await vips.output(["colourspace", path, converted, "srgb"])
        } else {
            _ = try await vips.output(["icc_transform", path, converted, "srgb", profile, "--intent", "relative"])
        }
        // HEIF files are turned when they are opened, whatever their Exif block still says.
        let upright = converted.replacing("converted", with: "upright")
        _ = try await vips.output([path.lowercased().hasSuffix("heic") ? "copy" : "autorot", converted, upright])
        var recipe = Recipe.standard
        recipe.formats = [.jpeg]
        let outcome = try await decode(path, recipe)
        let expected = try await colours(of: upright, vips, folder)
        var differences: [Double] = []
        // One that is reduced as it is decoded, and one that is made from it in other ways.
        for name in [RenditionName.large, .small] {
            let found = try await colours(of: #require(outcome.path(name)), vips, folder)
            #expect(expected.count == 24 * 24 * 3 && expected.count == found.count)
            differences += stride(from: 0, to: min(expected.count, found.count), by: 3).map { index in
                (0..<3).map { pow(expected[index + $0] - found[index + $0], 2) }.reduce(0, +).squareRoot()
            }
        }
        return (differences.reduce(0, +) / Double(differences.count), differences.max() ?? 0)
    }

    /// The colours of 24 x 24 fields (CIE L*a*b*).
    private func colours(of picture: String, _ vips: Tool, _ folder: TemporaryFolder) async throws -> [Double] {
        let (narrow, small, lab) = (folder.file("narrow.v"), folder.file("small.v"), folder.file("lab.v"))
        _ = try await vips.output(["colourspace", picture, narrow, "srgb"])
        _ = try await vips.output(["thumbnail_image", narrow, small, "24", "--height", "24", "--size", "force", "--no-rotate"])
        _ = try await vips.output(["colourspace", small, lab, "lab"])
        return try await values(of: lab, vips, folder)
    }

    /// All numbers of a small image.
    private func values(of image: String, _ vips: Tool, _ folder: TemporaryFolder) async throws -> [Double] {
        let path = folder.file("values.csv")
        var values: [[Double]] = []
        for band in ["0", "1", "2"] {
            _ = try await vips.output(["extract_band", image, path, band])
            let text = try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
            values.append(text.split(whereSeparator: { $0 == "\t" || $0 == "\n" }).compactMap { Double($0) })
        }
        return (0..<(values.map(\.count).min() ?? 0)).flatMap { index in values.map { $0[index] } }
    }

    // MARK: Metadata

    @Test("of an original's metadata, its creator and copyright alone are left", arguments: [
        ("large-24mp.jpg", true), ("demo-01.jpg", true), ("gps.jpg", false), ("adobe-rgb.jpg", false), ("photo.heic", false),
        ("embedded-thumbnail.jpg", false), ("alpha.png", false), ("photo.tiff", false), ("photo.dng", false),
    ])
    func metadata(name: String, hasCredit: Bool) async throws {
        let outcome = try await decode(Fixtures.media(name))
        #expect(outcome.files.count == 8)
        for file in outcome.files {
            let path = try #require(outcome.path(file.name, file.format))
            let found = try await tags(of: path)
            let credit = ["IFD0:Artist": "Ada Sommer", "IFD0:Copyright": "(c) 2026 Ada Sommer"]
            #expect(found == (hasCredit ? credit : [:]), "\(file.name).\(file.format)")
        }
    }

    @Test("AVIF files say nothing, and look like their picture")
    func avif() async throws {
        var recipe = Recipe.standard
        (recipe.sizes, recipe.formats) = ([Recipe.Size(.medium, longEdge: 1280, quality: 82)], [.jpeg, .avif])
        let outcome = try await decode(Fixtures.media("demo-02.jpg"), recipe)
        let path = try #require(outcome.path(.medium, .avif))
        #expect(try await tags(of: path).keys.filter { !$0.hasPrefix("QuickTime:") && !$0.hasPrefix("Meta:") } == [])
        #expect(try outcome.bytes(.medium, .avif).count < outcome.bytes(.medium, .jpeg).count)
        let (first, second) = (try RGBAPixels(of: pixels(of: path)), try RGBAPixels(of: pixels(of: #require(outcome.path(.medium)))))
        let difference = zip(first.bytes, second.bytes).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        #expect(first.bytes.count == second.bytes.count && difference / first.bytes.count < 4)
    }

    @Test("credits beyond ASCII are kept")
    func foreignCredit() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("photo.jpg")
        try FileManager.default.copyItem(atPath: Fixtures.media("orientation-6.jpg"), toPath: path)
        _ = try await Tool("exiftool").output(["-q", "-overwrite_original", "-Artist=Søren 青", "-Copyright=© Søren 青", path])
        let outcome = try await decode(path)
        #expect((outcome.facts?.exif?.artist, outcome.facts?.exif?.copyright) == ("Søren 青", "© Søren 青"))
        for format in [MediaFormat.jpeg, .webp] {
            let found = try await tags(of: #require(outcome.path(.thumb, format)))
            #expect(found == ["IFD0:Artist": "Søren 青", "IFD0:Copyright": "© Søren 青"])
        }
    }

    /// What a file says besides its form.
    private func tags(of path: String) async throws -> [String: String] {
        let json = try await Tool("exiftool").json(["-json", "-G1", "-a", "-u", path])
        guard case .array(let files) = json, case .object(let tags)? = files.first else { return ["": "no answer"] }
        let form = ["ExifTool", "System", "File", "Composite", "JFIF", "RIFF", "VP8"]
        return tags.filter { key, _ in
            key != "SourceFile" && key != "IFD0:YCbCrPositioning" && !form.contains(String(key.prefix { $0 != ":" }))
        }.mapValues { $0.stringValue ?? "\($0)" }
    }
}
