import Testing

@testable import Core

@Suite("Media sniffer") struct MediaSnifferTests {
    struct Example: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var head: [UInt8]
        var type: SniffedType?

        init(_ name: String, _ head: [UInt8], _ type: SniffedType?) {
            (self.testDescription, self.head, self.type) = (name, head, type)
        }

        init(_ name: String, _ head: String, _ type: SniffedType?) { self.init(name, Array(head.utf8), type) }

        /// A file that starts with `ftyp`.
        init(brand: String, with compatible: String = "", _ type: SniffedType?) {
            let length = UInt8(16 + compatible.utf8.count)
            self.init(brand, [0, 0, 0, length] + Array("ftyp\(brand)\0\0\0\0\(compatible)".utf8) + [0, 0, 0, 8], type)
        }

        /// An EBML header with that document type.
        init(documentType: String, _ type: SniffedType?) {
            let text = Array(documentType.utf8)
            let header: [UInt8] = [0x1A, 0x45, 0xDF, 0xA3, 0x9F, 0x42, 0x86, 0x81, 1, 0x42, 0x82, 0x80 | UInt8(text.count)]
            self.init(documentType, header + text, type)
        }
    }

    /// A TIFF that begins with a directory of 16-bit numbers and texts.
    static func tiff(
        _ numbers: [UInt16: UInt16] = [:], texts: [UInt16: String] = [:], isBigEndian: Bool = false, directoryAt start: Int = 8
    ) -> [UInt8] {
        func bytes(_ value: Int, _ count: Int) -> [UInt8] {
            let little = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
            return isBigEndian ? little.reversed() : little
        }
        var head = Array((isBigEndian ? "MM" : "II").utf8) + bytes(42, 2) + bytes(start, 4)
        head += [UInt8](repeating: 0, count: start - 8)
        head += bytes(numbers.count + texts.count, 2)
        var end = start + 2 + 12 * (numbers.count + texts.count) + 4
        var tail: [UInt8] = []
        for tag in (Array(numbers.keys) + Array(texts.keys)).sorted() {
            head += bytes(Int(tag), 2)
            if let number = numbers[tag] {
                head += bytes(3, 2) + bytes(1, 4) + bytes(Int(number), 2) + [0, 0]
            } else if let text = texts[tag] {
                head += bytes(2, 2) + bytes(text.utf8.count + 1, 4) + bytes(end, 4)
                tail += Array(text.utf8) + [0]
                end += text.utf8.count + 1
            }
        }
        return head + bytes(0, 4) + tail
    }

    static let examples = [
        Example("DNG", tiff([0xFE: 1, 0xC612: 1], texts: [0x10F: "Google"]), .raw("image/x-adobe-dng")),
        Example(
            "Nikon NEF", tiff([0xFE: 1, 0x14A: 9], texts: [0x10F: "NIKON CORPORATION"]), .raw("image/x-nikon-nef")),
        Example(
            "Nikon NEF, big-endian, directory elsewhere",
            tiff([0xFE: 1, 0x14A: 9], texts: [0x10F: "NIKON CORPORATION"], isBigEndian: true, directoryAt: 40),
            .raw("image/x-nikon-nef")),
        Example("Sony ARW", tiff([0xFE: 1, 0x14A: 9], texts: [0x10F: "SONY"]), .raw("image/x-sony-arw")),
        Example("Samsung SRW", tiff([0xFE: 1, 0x14A: 9], texts: [0x10F: "SAMSUNG"]), .raw("image/x-samsung-srw")),
        Example("Pentax PEF", tiff([0x103: 65535], texts: [0x10F: "PENTAX"]), .raw("image/x-pentax-pef")),
        Example("a developed picture of that camera", tiff([0xFE: 0, 0x103: 5, 0x14A: 9], texts: [0x10F: "SONY"]), .tiff),
        Example("a picture of nobody's", tiff([0xFE: 1, 0x14A: 9]), .tiff),
        Example("tiff whose directory is far behind", "II*\0\u{0}\u{0}\u{1}\0", .tiff),
        Example("tiff whose directory is nowhere", "MM\0*\u{7F}\u{7F}\u{7F}\u{7F}", .tiff),
        Example("jpeg", [0xFF, 0xD8, 0xFF, 0xE0, 0, 16], .jpeg),
        Example("png", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0], .png),
        Example("webp", "RIFF\0\0\0\0WEBPVP8 ", .webp),
        Example("gif", "GIF89a", .gif),
        Example("tiff, little-endian", "II*\0\u{8}\0\0\0", .tiff),
        Example("tiff, big-endian", "MM\0*\0\0\0\u{8}", .tiff),
        Example("Canon CR2", "II*\0\u{10}\0\0\0CR\u{2}\0", .raw("image/x-canon-cr2")),
        Example("Fuji RAF", "FUJIFILMCCD-RAW 0201", .raw("image/x-fuji-raf")),
        Example("Olympus ORF", "IIRO\u{8}\0\0\0", .raw("image/x-olympus-orf")),
        Example("Panasonic RW2", "IIU\0\u{18}\0\0\0", .raw("image/x-panasonic-rw2")),
        Example(brand: "heic", with: "mif1heic", .heic),
        Example(brand: "mif1", with: "mif1heic", .heic),
        Example(brand: "mif1", with: "mif1avif", .avif),
        Example(brand: "avif", with: "mif1", .avif),
        Example(brand: "crx ", with: "isom", .raw("image/x-canon-cr3")),
        Example(brand: "isom", with: "isomavc1", .mp4),
        Example(brand: "mp42", .mp4),
        Example(brand: "M4V ", .mp4),
        Example(brand: "3gp5", .mp4),
        Example(brand: "qt  ", .mov),
        Example(brand: "ABCD", with: "mp41", .mp4),
        Example("QuickTime without ftyp", [0, 0, 0, 8] + Array("wide\0\0\0\0mdat".utf8), .mov),
        Example(documentType: "webm", .webm),
        Example(documentType: "matroska", .matroska),
        Example(documentType: "other", nil),
        Example(brand: "M4A ", with: "isom", nil),
        Example(brand: "jxl ", nil),
        Example(brand: "ABCD", nil),
        Example("nothing", "", nil),
        Example("one byte", [0xFF], nil),
        Example("text", "Dear diary, today I took no photos at all.", nil),
        Example("svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", nil),
        Example("pdf", "%PDF-1.7", nil),
        Example("wav is RIFF too", "RIFF\0\0\0\0WAVEfmt ", nil),
        Example("JPEG XL", [0xFF, 0x0A, 0, 0], nil),
        Example("zip", "PK\u{3}\u{4}", nil),
    ]

    @Test("the first bytes decide", arguments: examples)
    func sniff(_ example: Example) { #expect(MediaSniffer.sniff(example.head) == example.type) }

    @Test("a head cut at any place is no crash", arguments: examples)
    func cutHeads(_ example: Example) {
        for count in example.head.indices { _ = MediaSniffer.sniff(Array(example.head.prefix(count))) }
    }
}
