import Core
import Foundation
import TestSupport
import Testing

@testable import Decoding

// Skipped visibly when `fixtures/make.sh` has not been run.
@Suite("Photos", .enabled(if: Fixtures.areMade, "the fixtures are not made"))
struct PhotoTests {
    @Test("facts come first, then the thumbnail in every format, the other sizes, and done")
    func order() async throws {
        let outcome = try await decode(Fixtures.media("large-24mp.jpg"))
        #expect(outcome.kinds == [
            "facts", "thumb.jpeg", "thumb.webp", "small.jpeg", "small.webp", "medium.jpeg", "medium.webp", "large.jpeg",
            "large.webp", "done",
        ])
        #expect(outcome.files.map { max($0.width, $0.height) } == [320, 320, 640, 640, 1280, 1280, 2560, 2560])
        let facts = try #require(outcome.facts)
        #expect((facts.kind, facts.contentType, facts.width, facts.height) == (.photo, "image/jpeg", 6000, 4000))
        #expect(!facts.isDamaged)
        #expect(facts.exif?.make == "Canon")
    }

    @Test("the written files have the sizes that were reported", arguments: [MediaFormat.jpeg, .webp, .avif, .png])
    func sizes(format: MediaFormat) async throws {
        var recipe = Recipe.standard
        recipe.formats = [format]
        let outcome = try await decode(Fixtures.media("alpha.png"), recipe)
        for file in outcome.files {
            let picture = try Picture.open("\(outcome.folder.path)/\(try #require(file.file))")
            #expect((picture.width, picture.height) == (file.width, file.height))
        }
        #expect(outcome.files.count == 4)
    }

    @Test("every orientation comes out upright, in the right colours", arguments: 1...8)
    func orientation(number: Int) async throws {
        let outcome = try await decode(Fixtures.media("orientation-\(number).jpg"))
        #expect(outcome.facts?.exif?.orientation == number)
        #expect(outcome.facts.map { [$0.width, $0.height] } == [600, 400])
        let picture = try pixels(of: #require(outcome.path(.large)))
        let corners = [(20, 20, [255, 0, 0]), (580, 20, [0, 255, 0]), (20, 380, [0, 0, 255]), (580, 380, [255, 255, 255])]
        for (x, y, colour) in corners {
            let pixel = try #require(picture.pixel(x: x, y: y)).map(Int.init)
            #expect(zip(pixel, colour).allSatisfy { abs($0 - $1) < 16 }, "\(pixel) at \(x), \(y)")
        }
    }

    @Test("an embedded preview is turned as the raw file says, whatever it says itself", arguments: [
        (0, [255, 0, 0]), (90, [0, 0, 255]), (180, [255, 255, 255]), (270, [0, 255, 0]),
    ])
    func preview(clockwise: Int, colourAtTopLeft: [Int]) throws {
        try VipsLibrary.start()
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.media("orientation-1.jpg"))))
        let picture = try PictureSource.encoded(bytes, clockwise: clockwise).decode(longEdge: 600, .strict)
        #expect((picture.width > picture.height) == (clockwise % 180 == 0))
        let pixel = try #require(picture.pixel(x: 20, y: 20)).map(Int.init)
        #expect(zip(pixel, colourAtTopLeft).allSatisfy { abs($0 - $1) < 16 }, "\(pixel)")
    }

    @Test("no picture is enlarged")
    func noEnlarging() async throws {
        let outcome = try await decode(Fixtures.media("orientation-1.jpg"))
        #expect(outcome.file(.large).map { [$0.width, $0.height] } == [600, 400])
    }

    @Test("transparency becomes white in JPEG and stays in WebP")
    func transparency() async throws {
        let outcome = try await decode(Fixtures.media("alpha.png"))
        #expect(try pixels(of: #require(outcome.path(.small))).pixel(x: 2, y: 2)?.allSatisfy { $0 > 250 } == true)
        #expect(try pixels(of: #require(outcome.path(.small, .webp))).pixel(x: 2, y: 2)?.last == 0)
        var recipe = Recipe.standard
        recipe.formats = [.avif]
        let small = try await decode(Fixtures.media("alpha.png"), recipe)
        #expect(try pixels(of: #require(small.path(.small, .avif))).pixel(x: 2, y: 2)?.last.map { $0 < 3 } == true)
    }

    @Test("every other kind of picture is read", arguments: [
        ("photo.heic", "image/heic"), ("photo.avif", "image/avif"), ("photo.webp", "image/webp"), ("photo.dng", "image/x-adobe-dng"),
        ("photo.tiff", "image/tiff"), ("progressive.jpg", "image/jpeg"), ("gray.jpg", "image/jpeg"), ("cmyk.jpg", "image/jpeg"),
        ("sixteen-bit.png", "image/png"), ("animation.gif", "image/gif"), ("display-p3.jpg", "image/jpeg"),
    ])
    func kinds(name: String, contentType: String) async throws {
        let outcome = try await decode(Fixtures.media(name))
        #expect(outcome.isDone && outcome.files.count == 8)
        #expect(outcome.facts?.contentType == contentType)
        #expect(outcome.facts?.isDamaged == false)
    }

    @Test("the place is read with its signs")
    func place() async throws {
        let exif = try #require(try await decode(Fixtures.media("gps.jpg")).facts?.exif)
        #expect(exif.latitude.map { $0 < 0 } == true && exif.longitude.map { $0 < 0 } == true)
        #expect(exif.altitude != nil)
        #expect(exif.capturedAt == "2026-06-20T18:37:00+02:00")
    }

    @Test("a wrong extension does no harm")
    func wrongExtension() async throws {
        let outcome = try await decode(Fixtures.media("broken-wrong-extension.png"))
        #expect(outcome.facts?.contentType == "image/jpeg" && outcome.isDone)
    }

    @Test("a truncated photo is shown as far as it goes, and marked")
    func truncated() async throws {
        let outcome = try await decode(Fixtures.media("broken-truncated.jpg"))
        #expect(outcome.facts?.isDamaged == true)
        #expect(outcome.isDone && outcome.files.count == 8)
    }

    @Test("what cannot be processed fails with a reason, at once", arguments: [
        ("broken-zero.jpg", "unsupported_format"), ("broken-zeros.jpg", "unsupported_format"), ("broken-text.jpg", "unsupported_format"),
        ("broken-svg.jpg", "unsupported_format"), ("broken-bomb.png", "too_large"), ("no-such-file.jpg", "internal"),
    ])
    func refused(name: String, code: String) async throws {
        let outcome = try await decode(Fixtures.media(name))
        #expect(outcome.kinds == ["failed"])
        #expect(outcome.failure?.code == code)
        #expect(outcome.failure?.detail.hasSuffix(".") == true)
        #expect(outcome.failure?.detail.contains("/") == false)
    }

    @Test("a photo cut at any place is damaged or shown, never a crash", arguments: [
        "photo.heic", "photo.webp", "photo.tiff", "photo.dng", "progressive.jpg", "sixteen-bit.png", "animation.gif",
    ])
    func cut(name: String) async throws {
        let whole = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.media(name))))
        let folder = try TemporaryFolder()
        for tenths in [1, 5, 9] {
            let outcome = try await decode(folder.write(Array(whole.prefix(whole.count * tenths / 10)), as: "cut"))
            #expect(outcome.isDone || outcome.failure?.code == "damaged", "\(tenths) tenths: \(outcome.kinds)")
        }
    }

    @Test("a full output folder is our failure, not the photo's")
    func unwritable() async throws {
        let folder = try TemporaryFolder()
        let missing = DecodeRequest(
            id: JobID(at: Timestamp(milliseconds: 0)), inputPath: Fixtures.media("orientation-1.jpg"),
            outputFolder: folder.path + "/missing", recipe: .standard, timeLimit: 1000)
        let failure = try await onOwnThread {
            var last: DecodeReply?
            try DecodeJob(missing).run { last = $0 }
            if case .failed(let failure) = last { return failure as ProcessingFailure? }
            return nil
        }
        #expect(failure?.code == "internal")
    }
}
