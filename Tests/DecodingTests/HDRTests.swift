import CAVFormat
import Core
import Foundation
import TestSupport
import Testing

@testable import Decoding

@Suite("Light of a high range") struct HDRTests {
    @Test("PQ codes stand for the light that SMPTE ST 2084 says", arguments: [
        (0, 0), (0.5080784, 100), (0.5806888, 203), (0.7518271, 1000), (0.9025723, 4000), (1, 10_000),
    ])
    func pq(code: Double, luminance: Double) {
        #expect(abs(HDRTransfer.pq.light(code) - luminance) <= luminance * 1e-4 + 1e-6)
        #expect(abs(PerceptualQuantizer.code(luminance) - code) < 1e-5)
    }

    @Test("HLG codes stand for the light that ITU-R BT.2100 says", arguments: [(0, 0), (0.5, 1.0 / 12), (0.75, 0.2649626), (1, 1)])
    func hlg(code: Double, light: Double) { #expect(abs(HDRTransfer.hlg.light(code) - light) < 1e-5) }

    @Test("the tone curve leaves shadows and skin alone and fits the highlights in", arguments: [300, 1000, 4000, 10_000] as [Double])
    func curve(peak: Double) {
        let curve = ToneCurve(peak: peak)
        for luminance in [0, 0.1, 1, 10, 20] { #expect(abs(curve(luminance) - luminance) <= luminance * 1e-6) }
        #expect(abs(curve(peak) - ToneCurve.white) < 0.01 && abs(curve(peak * 2) - ToneCurve.white) < 0.01)
        let shown = (0...1000).map { curve(peak * Double($0) / 1000) }
        #expect(zip(shown.dropFirst(), shown).allSatisfy { $0 >= $1 })
        #expect((100...195).contains(curve(ToneCurve.white)))
    }

    @Test("a film that is no brighter than a screen stays as it is", arguments: [0, 1, 100, 203] as [Double])
    func dim(luminance: Double) { #expect(abs(ToneCurve(peak: 100)(luminance) - luminance) < 1e-6) }

    /// What a pixel of some cd/m² becomes.
    private static func shown(_ colour: [Double], _ primaries: AVColorPrimaries = AVCOL_PRI_BT2020) -> [UInt8] {
        let codes = colour.map { UInt16((PerceptualQuantizer.code($0) * 65_535).rounded()) }
        return codes.withUnsafeBufferPointer { ToneMapper(.pq, peak: 1000, primaries).mapped($0) }
    }

    @Test("greys keep their brightness in sRGB, and stay grey", arguments: [
        (0, 0, 0), (2.03, 25, 1), (20.3, 89, 1), (40.6, 124, 1), (1000, 255, 0), (10_000, 255, 0),
    ])
    func grey(luminance: Double, expected: Int, tolerance: Int) {
        let pixel = Self.shown([luminance, luminance, luminance]).map(Int.init)
        #expect(pixel.allSatisfy { abs($0 - expected) <= tolerance + 1 }, "\(pixel)")
        #expect((pixel.max() ?? 0) - (pixel.min() ?? 0) <= 1)
    }

    @Test("colours of sRGB are found in BT.2020, and others lose saturation alone")
    func gamut() {
        // BT.709's red at 40 cd/m², as BT.2020 names it (ITU-R BT.2087 table 1).
        let red = Self.shown([0.6274 * 40, 0.0691 * 40, 0.0164 * 40])
        #expect(abs(Int(red[0]) - 123) <= 3 && red[1] <= 8 && red[2] <= 8, "\(red)")
        let kept = Self.shown([40, 0, 0], AVCOL_PRI_BT709)
        #expect(abs(Int(kept[0]) - 123) <= 3 && kept[1] == 0 && kept[2] == 0, "\(kept)")
        let green = Self.shown([0, 100, 0]).map(Int.init)
        #expect(green[1] > 150 && green[0] <= 8 && green[2] < green[1] * 2 / 3, "\(green)")
    }

    @Test("HLG's colours are those of the display, not of the scene")
    func hlgColour() {
        // BT.709's green at 50 cd/m², by ITU-R BT.2100 tables 4 and 5.
        let light = [0.3293, 0.9195, 0.0880].map { $0 * 50 / 1000 }
        let luminance = 0.2627 * light[0] + 0.6780 * light[1] + 0.0593 * light[2]
        let codes = light.map { part in
            let scene = part * pow(luminance, 1 / 1.2 - 1)
            let code = scene <= 1.0 / 12 ? (3 * scene).squareRoot() : 0.17883277 * log(12 * scene - 0.28466892) + 0.55991073
            return UInt16((code * 65_535).rounded())
        }
        let green = codes.withUnsafeBufferPointer { ToneMapper(.hlg, peak: 0, AVCOL_PRI_BT2020).mapped($0) }
        #expect(green[0] <= 10 && abs(Int(green[1]) - 136) <= 3 && green[2] <= 10, "\(green)")
    }

    @Test("what HLG shows at 75 percent is the white of graphics")
    func hlgWhite() {
        let codes = [UInt16](repeating: UInt16(0.75 * 65_535), count: 3)
        let hlg = codes.withUnsafeBufferPointer { ToneMapper(.hlg, peak: 0, AVCOL_PRI_BT2020).mapped($0) }
        #expect(zip(hlg, Self.shown([203, 203, 203])).allSatisfy { abs(Int($0) - Int($1)) <= 2 }, "\(hlg)")
    }
}

@Suite("Stills of films of a high range", .enabled(if: HDRFilm.canBeMade, "ffmpeg has no x265 or zscale")) struct HDRFilmTests {
    @Test("show the colours that the film was made from", arguments: [("smpte2084", "pq"), ("arib-std-b67", "hlg")])
    func stills(transfer: String, hdr: String) async throws {
        let folder = try TemporaryFolder()
        let film = try await HDRFilm.make(transfer, in: folder)
        var recipe = Recipe.tiny
        recipe.sizes = [Recipe.Size(.thumb, longEdge: 320, quality: 90)]
        let outcome = try await decode(film, recipe)
        #expect(outcome.facts?.video?.hdr == hdr)
        let original = try pixels(of: folder.file("original.png"))
        for name in [RenditionName.thumb, .poster] {
            let still = try pixels(of: #require(outcome.path(name)))
            // zscale makes HLG of each component by itself, and not of the luminance: right for greys alone.
            let difference = HDRFilm.difference(still, original, ofGreys: hdr == "hlg")
            #expect(difference < 6, "\(name): \(difference)")
        }
        // The small stills, too: one of them beside the same place of the picture.
        let sprite = try pixels(of: #require(outcome.path(.sprite)))
        let (small, large) = (sprite.pixel(x: 12, y: 20) ?? [], original.pixel(x: 24, y: 40) ?? [])
        #expect(zip(small, large).allSatisfy { abs(Int($0) - Int($1)) < 20 }, "\(small) \(large)")
    }
}

/// Bars of three quarters of full brightness in a film of a high range, with white where graphics have it.
enum HDRFilm {
    static let canBeMade: Bool = {
        guard let ffmpeg = Tool.program("ffmpeg") else { return false }
        let asked = Process()
        asked.standardError = FileHandle.nullDevice
        (asked.executableURL, asked.arguments) = (URL(fileURLWithPath: "/bin/sh"), [
            "-c", "\"$0\" -hide_banner -encoders | grep -q libx265 && \"$0\" -hide_banner -filters | grep -q zscale", ffmpeg,
        ])
        guard (try? asked.run()) != nil else { return false }
        asked.waitUntilExit()
        return asked.terminationStatus == 0
    }()

    /// Writes the film, and what it was made from as `original.png`.
    static func make(_ transfer: String, in folder: TemporaryFolder) async throws -> String {
        let film = folder.file("film.mp4")
        let bars = ["-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "smptehdbars=s=320x180:r=10:d=2"]
        let toRGB = "format=yuv444p,zscale=min=709:rin=limited:m=gbr:r=full,format=gbrp"
        _ = try await Tool("ffmpeg").output(bars + ["-vf", toRGB, "-frames:v", "1", folder.file("original.png")])
        let bright = "\(toRGB),format=gbrpf32le,zscale=min=gbr:tin=iec61966-2-1:pin=709:rin=full:t=linear:npl=203:p=2020"
            + ",zscale=t=\(transfer):npl=203:m=2020_ncl:r=limited,format=yuv420p10le"
        _ = try await Tool("ffmpeg").output(
            bars + [
                "-vf", bright, "-c:v", "libx265", "-preset", "ultrafast", "-crf", "8", "-x265-params", "log-level=none", "-tag:v", "hvc1",
                "-color_trc", transfer, "-color_primaries", "bt2020", "-colorspace", "bt2020nc", "-color_range", "tv", film,
            ])
        return film
    }

    /// The mean of a component's, at places of the upper bars.
    static func difference(_ still: Picture, _ original: Picture, ofGreys: Bool) -> Double {
        let places = (0..<16).map { (x: 10 + $0 * 20, y: 20 + $0 % 4 * 15) }
        let differences = places.flatMap { place -> [Int] in
            let expected = (original.pixel(x: place.x, y: place.y) ?? []).map(Int.init)
            if ofGreys, (expected.max() ?? 255) - (expected.min() ?? 0) > 4 { return [] }
            return zip(still.pixel(x: place.x, y: place.y) ?? [], expected).map { abs(Int($0) - $1) }
        }
        return differences.isEmpty ? 255 : Double(differences.reduce(0, +)) / Double(differences.count)
    }
}
