import Core
import Testing

@testable import Decoding

// Skipped visibly when the camera samples are not there.
@Suite("Camera samples", .enabled(if: Fixtures.haveSamples, "the camera samples are absent"))
struct SampleTests {
    struct Expectation: Sendable, CustomTestStringConvertible {
        var name: String
        var size: [Int]
        var make: String?
        var capturedAt: String?
        var testDescription: String { name }

        init(_ name: String, _ width: Int, _ height: Int, _ make: String? = nil, _ capturedAt: String? = nil) {
            (self.name, self.size, self.make, self.capturedAt) = (name, [width, height], make, capturedAt)
        }
    }

    static let expectations = [
        Expectation("iphone_13_pro_max.HEIC", 3024, 4032, "Apple", "2022-02-16T12:55:41.762+01:00"),
        Expectation("IMG_5195.HEIC", 2566, 3313, "Apple", "2021-04-11T15:47:53.054-05:00"),
        Expectation("DSCN0010.jpg", 640, 480, "NIKON", "2008-10-22T16:28:39"),
        Expectation("DSCN0042.jpg", 640, 480, "NIKON", "2008-10-22T17:00:07"),
        Expectation("iphone_hdr_YES.jpg", 3264, 2448, "Apple", "2015-04-10T20:12:23.55"),
        Expectation("22-canon_tags.jpg", 1600, 1200, "Canon", "2007-11-29T16:16:21"),
        Expectation("36-memory_error.jpg", 1600, 1200, "CASIO COMPUTER CO.,LTD.", "2002-04-21T00:30:33"),
        Expectation("67-0_length_string.jpg", 4032, 2012, "samsung", "2016-09-12T10:05:31"),
        Expectation("Canon_40D.jpg", 100, 68, "Canon", "2008-05-30T15:56:01"),
        Expectation("Nikon_D70.jpg", 100, 66, "NIKON CORPORATION", "2008-03-15T09:52:01"),
        Expectation("Panasonic_DMC-FZ30.jpg", 100, 75, "Panasonic", "2008-07-16T11:33:20"),
        Expectation("Pentax_K10D.jpg", 100, 72, "PENTAX Corporation", "2008-05-04T16:47:24"),
        Expectation("Sony_HDR-HC3.jpg", 100, 64, "SONY", "2007-06-15T04:42:32"),
        Expectation("image00971.jpg", 636, 227), Expectation("image01551.jpg", 61, 58),
        Expectation("BlueSquare.jpg", 360, 216, nil, "2005-09-07T15:09:51"), Expectation("Arbitro.tiff", 174, 38),
        Expectation("landscape_1.jpg", 600, 450), Expectation("landscape_3.jpg", 600, 450), Expectation("landscape_6.jpg", 600, 450),
        Expectation("landscape_8.jpg", 600, 450), Expectation("portrait_5.jpg", 450, 600), Expectation("portrait_7.jpg", 450, 600),
    ]

    @Test("every sample is processed, with its facts", arguments: expectations)
    func facts(_ expected: Expectation) async throws {
        let outcome = try await decode(Fixtures.sample(expected.name))
        let facts = try #require(outcome.facts)
        #expect([facts.width, facts.height] == expected.size)
        #expect(facts.exif?.make == expected.make)
        #expect(facts.exif?.capturedAt == expected.capturedAt)
        #expect(!facts.isDamaged)
        #expect(outcome.isDone && outcome.files.count == 8)
        let isUpright = outcome.files.allSatisfy { ($0.width >= $0.height) == (facts.width >= facts.height) }
        #expect(isUpright)
    }

    @Test("turned samples show the same picture as the one that was not", arguments: [
        ("landscape_1.jpg", "landscape_3.jpg"), ("landscape_1.jpg", "landscape_6.jpg"), ("landscape_1.jpg", "landscape_8.jpg"),
        ("portrait_5.jpg", "portrait_7.jpg"),
    ])
    func upright(plain: String, turned: String) async throws {
        let outcomes = try await (decode(Fixtures.sample(plain)), decode(Fixtures.sample(turned)))
        let first = try pixels(of: #require(outcomes.0.path(.thumb)))
        let second = try pixels(of: #require(outcomes.1.path(.thumb)))
        #expect((first.width, first.height) == (second.width, second.height))
        // The middle shows the sample's number.
        let lines = Array(8..<(first.height / 3)) + Array((first.height * 2 / 3)..<(first.height - 8))
        var difference = 0
        for y in lines {
            for x in 8..<(first.width - 8) {
                let (a, b) = (try #require(first.pixel(x: x, y: y)), try #require(second.pixel(x: x, y: y)))
                difference += zip(a, b).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
            }
        }
        #expect(difference / (lines.count * (first.width - 16) * 3) < 12)
    }

    @Test("places are read", arguments: [
        ("DSCN0010.jpg", 43.467_448, 11.885_127), ("IMG_5195.HEIC", 39.051_344, -94.288_773), ("iphone_hdr_YES.jpg", 40.446_972, -3.724_753),
    ])
    func places(name: String, latitude: Double, longitude: Double) async throws {
        let exif = try #require(try await decode(Fixtures.sample(name)).facts?.exif)
        #expect(abs(try #require(exif.latitude) - latitude) < 1e-5)
        #expect(abs(try #require(exif.longitude) - longitude) < 1e-5)
    }

    @Test("lens and exposure are read from a phone's HEIC")
    func exposure() async throws {
        let exif = try #require(try await decode(Fixtures.sample("iphone_13_pro_max.HEIC")).facts?.exif)
        #expect(exif.lens == "iPhone 13 Pro Max back triple camera 5.7mm f/1.5")
        #expect((exif.aperture, exif.focalLength, exif.iso, exif.orientation) == (1.5, 5.7, 250, 6))
        #expect(exif.exposureTime == 1.0 / 60)
    }

    @Test("scan data broken in very many places is shown as far as it goes, and marked")
    func corrupted() async throws {
        let outcome = try await decode(Fixtures.sample("corrupted.jpg"))
        #expect(outcome.facts?.isDamaged == true)
        #expect(outcome.isDone && outcome.files.count == 8)
        // The first third of this one is whole: a path under palms, many colours.
        let picture = try pixels(of: #require(outcome.path(.thumb)))
        let line = (0..<picture.width).compactMap { picture.pixel(x: $0, y: 40) }
        #expect(Set(line).count > 100)
    }
}
