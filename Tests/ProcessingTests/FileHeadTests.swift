import Core
import Testing

@testable import Processing

/// The numbers are those of the specifications named in `FileHead`.
@Suite struct FileHeadTests {
    static let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xC2, 0, 11, 8, 0, 200, 1, 64]
    static let png = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + Array("IHDR".utf8) + [0, 0, 1, 64, 0, 0, 0, 200]

    static let avif: [UInt8] = [0, 0, 0, 12] + Array("ftypavif".utf8) + property + property
    private static let property: [UInt8] = [0, 0, 0, 20] + Array("ispe".utf8) + [0, 0, 0, 0, 0, 0, 1, 64, 0, 0, 0, 200]

    static func webp(_ kind: String, _ payload: [UInt8]) -> [UInt8] {
        Array("RIFF".utf8) + [0, 0, 0, 0] + Array(("WEBP" + kind).utf8) + [10, 0, 0, 0] + payload
    }

    @Test(arguments: [
        (MediaFormat.jpeg, jpeg), (.png, png), (.avif, avif), (.webp, webp("VP8X", [0, 0, 0, 0, 63, 1, 0, 199, 0, 0])),
        (.webp, webp("VP8 ", [0, 0, 0, 0x9D, 1, 0x2A, 64, 1, 200, 0])),
        // 319 and, 14 bits further, 199.
        (.webp, webp("VP8L", [0x2F, 0x3F, 0xC1, 0x31, 0, 0, 0, 0, 0, 0])),
    ])
    func `a picture is what it is announced to be, in kind and size`(format: MediaFormat, bytes: [UInt8]) {
        let head = FileHead(bytes: bytes)
        #expect(head.begins(format, width: 320, height: 200))
        #expect(!head.begins(format, width: 200, height: 320))
        let others = MediaFormat.allCases.filter { $0 != format && !(format == .avif && [.mp4, .mov].contains($0)) }
        for other in others { #expect(!head.begins(other, width: 320, height: 200)) }
        for count in bytes.indices.dropLast() {
            // Never a crash, and no size without the bytes that tell it.
            let cut = FileHead(bytes: Array(bytes.prefix(count))).begins(format, width: 320, height: 200)
            #expect(!cut || format == .jpeg && count > 16 || format == .avif && (32..<52).contains(count))
        }
    }

    @Test(arguments: [
        ([0xFF, 0xD8, 0xFF, 0xE0, 0, 0], MediaFormat.jpeg), ([0xFF, 0xD8, 0xFF, 0xC4, 0, 11, 8, 0, 200, 1, 64], .jpeg),
        (Array("<html><body>".utf8), .jpeg), (Array("<svg>".utf8), .png), ([], .webp), (Array("MZ".utf8), .mp4),
        (avif + [0, 0, 0, 20] + Array("ispe".utf8) + [0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2, 0], .avif),
    ] as [([UInt8], MediaFormat)])
    func `anything else is not`(bytes: [UInt8], format: MediaFormat) {
        #expect(!FileHead(bytes: bytes).begins(format, width: 320, height: 200))
    }

    @Test func `films are known by their first box or element`() {
        let film = FileHead(bytes: [0, 0, 0, 24] + Array("ftypisom".utf8))
        #expect(film.begins(.mp4, width: 1, height: 1) && film.begins(.mov, width: 1, height: 1))
        #expect(FileHead(bytes: [0x1A, 0x45, 0xDF, 0xA3]).begins(.webm, width: 1, height: 1))
    }
}
