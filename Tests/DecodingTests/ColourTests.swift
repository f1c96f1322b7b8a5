import Core
import Foundation
import TestSupport
import Testing

@testable import Decoding

@Suite("Colours and metadata", .enabled(if: Fixtures.areMade, "the fixtures are not made"))
struct ColourTests {
    @Test("Adobe RGB becomes sRGB through its profile")
    func adobeRGB() async throws {
        let path = Fixtures.media("adobe-rgb.jpg")
        let folder = try TemporaryFolder()
        // Without its profile, the file's own numbers come through.
        let bare = try folder.write(withoutProfile(Array(try Data(contentsOf: URL(fileURLWithPath: path)))), as: "bare.jpg")
        let (raw, converted) = (try pixels(of: bare), try pixels(of: path))
        var compared = 0
        for (x, y) in stride(from: 50, to: raw.height, by: 90).flatMap({ y in stride(from: 50, to: raw.width, by: 90).map { ($0, y) } }) {
            let source = try #require(raw.pixel(x: x, y: y)).map(Int.init)
            guard let expected = sRGB(fromAdobe: source) else { continue }
            let found = try #require(converted.pixel(x: x, y: y)).map(Int.init)
            #expect(zip(expected, found).allSatisfy { abs($0 - $1) <= 4 }, "\(source) became \(found), not \(expected)")
            compared += 1
        }
        #expect(compared > 20)
    }

    @Test("renditions carry no metadata", arguments: ["gps.jpg", "adobe-rgb.jpg", "embedded-thumbnail.jpg", "photo.heic", "alpha.png"])
    func stripped(name: String) async throws {
        let outcome = try await decode(Fixtures.media(name))
        for file in outcome.files {
            let bytes = Data(try outcome.bytes(file.name, file.format))
            for mark in ["Exif", "EXIF", "ICC_PROFILE", "ICCP", "ns.adobe.com", "XMP ", "Canon", "Photoshop"] {
                #expect(bytes.range(of: Data(mark.utf8)) == nil, "\(mark) in \(file.name).\(file.format)")
            }
        }
        #expect(outcome.files.count == 8)
    }

    /// A JPEG file without its APP2 segments.
    private func withoutProfile(_ file: [UInt8]) -> [UInt8] {
        var kept = Array(file[..<2])
        var offset = 2
        while offset + 4 <= file.count, file[offset] == 0xFF, file[offset + 1] != 0xDA {
            let end = offset + 2 + Int(file[offset + 2]) << 8 + Int(file[offset + 3])
            if file[offset + 1] != 0xE2 { kept += file[offset..<end] }
            offset = end
        }
        return kept + file[offset...]
    }

    /// Adobe RGB (1998) to sRGB, both D65; `nil` for colours that sRGB cannot show, or so dark that rounding rules.
    private func sRGB(fromAdobe pixel: [Int]) -> [Int]? {
        let linear = pixel.map { pow(Double($0) / 255, 563.0 / 256) }
        let mixed = [
            1.398_36 * linear[0] - 0.398_36 * linear[1], linear[1], 1.042_93 * linear[2] - 0.042_93 * linear[1],
        ]
        guard mixed.allSatisfy({ (0.02...0.98).contains($0) }) else { return nil }
        return mixed.map { Int(((1.055 * pow($0, 1 / 2.4) - 0.055) * 255).rounded()) }
    }
}
