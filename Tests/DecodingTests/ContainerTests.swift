import Testing

@testable import Decoding

@Suite("Top-level boxes") struct TopLevelBoxesTests {
    private static func box(_ kind: String, length: UInt32, padding: Int? = nil) -> [UInt8] {
        withUnsafeBytes(of: length.bigEndian, Array.init) + Array(kind.utf8)
            + [UInt8](repeating: 0, count: padding ?? max(0, Int(length) - 8))
    }

    private static func large(_ kind: String, length: UInt64, padding: Int) -> [UInt8] {
        box(kind, length: 1, padding: 0) + withUnsafeBytes(of: length.bigEndian, Array.init) + [UInt8](repeating: 0, count: padding)
    }

    static let examples: [(String, [UInt8], Bool, Bool)] = [
        ("index first", box("ftyp", length: 16) + box("moov", length: 32) + box("mdat", length: 64), true, false),
        ("index last", box("ftyp", length: 16) + box("mdat", length: 64) + box("moov", length: 32), false, false),
        ("64-bit length", box("ftyp", length: 16) + large("mdat", length: 48, padding: 32) + box("moov", length: 8), false, false),
        ("data to the end", box("moov", length: 16) + box("mdat", length: 0, padding: 100), true, false),
        ("cut in the data", box("moov", length: 16) + box("mdat", length: 500, padding: 100), true, true),
        ("cut before the index", box("ftyp", length: 16) + box("mdat", length: 500, padding: 100), false, true),
        ("a length shorter than its header", box("ftyp", length: 4, padding: 20), false, false),
        ("a length beyond all files", large("moov", length: .max, padding: 8), true, true),
        ("empty", [], false, false),
    ]

    @Test("the order of boxes and missing bytes are told", arguments: examples)
    func order(name: String, file: [UInt8], isIndexFirst: Bool, isCut: Bool) {
        let boxes = TopLevelBoxes(size: UInt64(file.count)) { offset, count in
            Array(file[Int(offset)..<min(file.count, Int(offset) + count)])
        }
        #expect(boxes.isIndexFirst == isIndexFirst)
        #expect(boxes.isCut == isCut)
    }
}

@Suite("WebP container") struct WebPContainerTests {
    private func chunk(_ kind: String, _ content: [UInt8]) -> [UInt8] {
        let length = withUnsafeBytes(of: UInt32(content.count).littleEndian, Array.init)
        return Array(kind.utf8) + length + content + (content.count % 2 == 1 ? [0] : [])
    }

    private func file(_ chunks: [UInt8]...) -> [UInt8] {
        let content = Array("WEBP".utf8) + chunks.joined()
        return Array("RIFF".utf8) + withUnsafeBytes(of: UInt32(content.count).littleEndian, Array.init) + content
    }

    @Test("metadata goes, and what announces it; the picture and its transparency stay")
    func metadata() {
        let picture = chunk("VP8 ", [1, 2, 3])
        let size = [UInt8](repeating: 7, count: 9)
        let full = file(
            chunk("VP8X", [0x3C] + size), chunk("ICCP", [9]), picture, chunk("EXIF", [5, 5]), chunk("XMP ", [6]))
        #expect(WebPContainer.withMetadata(nil, full) == file(chunk("VP8X", [0x10] + size), picture))
    }

    @Test("a block given comes last, and is announced")
    func replaced() {
        let size = [UInt8](repeating: 7, count: 9)
        let full = file(chunk("VP8X", [0x3C] + size), chunk("VP8 ", [1, 2, 3]), chunk("EXIF", [5, 5]))
        let expected = file(chunk("VP8X", [0x18] + size), chunk("VP8 ", [1, 2, 3]), chunk("EXIF", [8, 9, 10]))
        #expect(WebPContainer.withMetadata([8, 9, 10], full) == expected)
    }

    @Test("what is no well-formed WebP is left alone")
    func other() {
        let cut = Array(file(chunk("VP8 ", [1, 2, 3, 4])).dropLast())
        #expect(WebPContainer.withMetadata(nil, cut) == cut)
        #expect(WebPContainer.withMetadata(nil, [1, 2, 3]) == [1, 2, 3])
    }
}

@Suite("JPEG container") struct JPEGContainerTests {
    @Test("an Exif block goes behind the header, or to the front", arguments: [
        ([0xFF, 0xD8, 0xFF, 0xE0, 0, 3, 7], [0xFF, 0xDB, 0, 2]), ([0xFF, 0xD8], [0xFF, 0xDB, 0, 2, 9]),
    ] as [([UInt8], [UInt8])])
    func added(head: [UInt8], rest: [UInt8]) {
        let segment: [UInt8] = [0xFF, 0xE1, 0, 10] + Array("Exif\0\0".utf8) + [1, 2]
        #expect(JPEGContainer.adding(exif: [1, 2], to: head + rest) == head + segment + rest)
    }

    @Test("a block that is too long, or a file that is none, changes nothing", arguments: [
        [], [0xFF, 0xD8], [0xFF, 0xD8, 0xFF, 0xE0, 0xFF, 0xFF, 0],
    ] as [[UInt8]])
    func unchanged(file: [UInt8]) {
        #expect(JPEGContainer.adding(exif: [1], to: file) == file)
        let whole: [UInt8] = [0xFF, 0xD8, 0xFF, 0xDB, 0, 2, 9]
        #expect(JPEGContainer.adding(exif: [UInt8](repeating: 0, count: 70_000), to: whole) == whole)
    }
}
