import Core
import Testing

@testable import Decoding

@Suite("Exif text") struct ExifTextTests {
    @Test("text is cut at NUL, trimmed, freed of control characters and bounded", arguments: [
        (Array("Canon\0garbage".utf8), "Canon"),
        (Array("  NIKON  ".utf8), "NIKON"),
        (Array("a\nb\u{7F}c".utf8), "abc"),
        (Array("Zoë".utf8), "Zoë"),
        ([0x5A, 0x6F, 0xEB], "Zoë"),
        (Array("   ".utf8), nil),
        ([], nil),
        ([0, 0x41], nil),
        (Array(String(repeating: "é", count: 300).utf8), String(repeating: "é", count: 200)),
    ] as [([UInt8], String?)])
    func clean(bytes: [UInt8], text: String?) { #expect(ExifText.clean(bytes) == text) }

    @Test("capture times become RFC 3339, with the offset when it is one", arguments: [
        ("2026:06:01 14:03:21", "+02:00", "2026-06-01T14:03:21+02:00"),
        ("2026:06:01 14:03:21", "-11:30", "2026-06-01T14:03:21-11:30"),
        ("2026:06:01 14:03:21", nil, "2026-06-01T14:03:21"),
        ("2026:06:01 14:03:21", "Z", "2026-06-01T14:03:21"),
        ("2026:06:01 14:03:21", "+99:00", "2026-06-01T14:03:21"),
        ("0000:00:00 00:00:00", nil, nil),
        ("2026:13:01 14:03:21", nil, nil),
        ("2026:06:01 24:03:21", nil, nil),
        ("    :  :     :  :  ", nil, nil),
        ("2026-06-01T14:03:21", nil, nil),
        (nil, "+02:00", nil),
    ] as [(String?, String?, String?)])
    func time(text: String?, offset: String?, expected: String?) {
        #expect(ExifText.time(text, offset: offset) == expected)
    }
}

@Suite("Exif reader") struct ExifReaderTests {
    /// A little-endian block with one directory entry.
    private func block(tag: UInt16, type: UInt16, count: UInt32, value: [UInt8], data: [UInt8] = []) -> [UInt8] {
        func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] { withUnsafeBytes(of: value.littleEndian, Array.init) }
        let entry = little(tag) + little(type) + little(count) + value
        return Array("II".utf8) + [42, 0, 8, 0, 0, 0, 1, 0] + entry + [0, 0, 0, 0] + data
    }

    @Test("an entry is read with and without the prefix")
    func prefix() {
        let block = block(tag: 0x0112, type: 3, count: 1, value: [6, 0, 0, 0])
        #expect(ExifReader.read(block)?.orientation == 6)
        #expect(ExifReader.read(Array("Exif\0\0".utf8) + block)?.orientation == 6)
    }

    @Test("an orientation outside 1 to 8 is none")
    func badOrientation() {
        #expect(ExifReader.read(block(tag: 0x0112, type: 3, count: 1, value: [9, 0, 0, 0])) == nil)
    }

    @Test("a text is read from where its offset points")
    func text() {
        let model = block(tag: 0x0110, type: 2, count: 8, value: [26, 0, 0, 0], data: Array("EOS R5\0\0".utf8))
        #expect(ExifReader.read(model)?.model == "EOS R5")
    }

    @Test("offsets beyond the end, cut blocks and noise are no crash")
    func broken() {
        let good = block(tag: 0x0110, type: 2, count: 8, value: [26, 0, 0, 0], data: Array("EOS R5\0\0".utf8))
        for count in good.indices { _ = ExifReader.read(Array(good.prefix(count))) }
        _ = ExifReader.read(block(tag: 0x829A, type: 5, count: .max, value: [0xFF, 0xFF, 0xFF, 0x7F]))
        var noise = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let bytes = (0..<300).map { _ in UInt8.random(in: 0...255, using: &noise) }
            _ = ExifReader.read([0x49, 0x49, 42, 0, 8, 0, 0, 0] + bytes)
        }
    }

    @Test("a rational over zero is no value")
    func zeroDenominator() {
        // The aperture lies in the Exif directory; the main one may not hold it.
        let zero = block(tag: 0x829D, type: 5, count: 1, value: [26, 0, 0, 0], data: [1, 0, 0, 0, 0, 0, 0, 0])
        #expect(ExifReader.read(zero)?.aperture == nil)
    }
}
