import Core
import TestSupport
import Testing

@testable import Decoding

@Suite("Reducing") struct FinishTests {
    /// A black picture with a white pixel in every `step`th place.
    private func lights(_ edge: Int, every step: Int) throws -> Picture {
        try VipsLibrary.start()
        var pixels = [UInt8](repeating: 0, count: edge * edge * 3)
        for y in stride(from: 0, to: edge, by: step) {
            for x in stride(from: 0, to: edge, by: step) { for band in 0..<3 { pixels[(y * edge + x) * 3 + band] = 255 } }
        }
        return try Picture.pixels(pixels, width: edge, height: edge, bands: 3)
    }

    private func mean(_ picture: Picture) -> Double {
        let bytes = picture.rgba()
        return Double(stride(from: 0, to: bytes.count, by: 4).reduce(0) { $0 + Int(bytes[$1]) }) / Double(bytes.count / 4)
    }

    @Test("small lights in the dark keep their brightness where light is mixed")
    func light() throws {
        let night = try lights(128, every: 4)
        // A sixteenth of white is 71 of 255 in sRGB; the mean of the numbers is 16.
        #expect(abs(mean(try night.reduced(toLongEdge: 32, mixesLight: true)) - 71) < 6)
        #expect(abs(mean(try night.reduced(toLongEdge: 32)) - 16) < 6)
    }

    @Test("a grey picture stays grey in one band", arguments: [true, false])
    func grey(mixesLight: Bool) throws {
        try VipsLibrary.start()
        let grey = try Picture.pixels([UInt8](repeating: 90, count: 64 * 64), width: 64, height: 64, bands: 1)
        #expect(try grey.reduced(toLongEdge: 16, mixesLight: mixesLight).sharpened().pixel(x: 3, y: 3) == [90])
    }

    @Test("sharpening raises an edge's contrast by a sixteenth on either side, and leaves areas alone")
    func sharpening() throws {
        try VipsLibrary.start()
        let row: [UInt8] = [UInt8](repeating: 64, count: 8 * 3) + [UInt8](repeating: 160, count: 8 * 3)
        let sharp = try Picture.pixels((0..<16).flatMap { _ in row }, width: 16, height: 16, bands: 3).sharpened()
        #expect((0..<16).map { sharp.pixel(x: $0, y: 8)?.first } == [64, 64, 64, 64, 64, 64, 64, 58, 166, 160, 160, 160, 160, 160, 160, 160])
    }

    @Test("only what was reduced is sharpened")
    func levels() throws {
        let source = PictureSource.picture(try lights(600, every: 8))
        let sizes = [Recipe.Size(.small, longEdge: 640, quality: 80), Recipe.Size(.large, longEdge: 2560, quality: 80)]
        let levels = try RenditionCascade(source: source, sizes: sizes).levels()
        #expect(levels.allSatisfy { $0.picture.pixel(x: 0, y: 0) == [255, 255, 255] && $0.picture.pixel(x: 1, y: 0) == [0, 0, 0] })
    }
}
