import Core

/// The first bytes of a file that a decoder has written, read with care: guests' browsers are to get what was announced
/// and no decompression bomb, page or program under its name. Pure.
struct FileHead {
    /// Bytes to read; what Lumiere writes has its size well within.
    static let length = 4096

    let bytes: [UInt8]

    /// Whether the bytes begin a file of that format, and in a picture of that size (pixels).
    func begins(_ format: MediaFormat, width: Int, height: Int) -> Bool {
        switch format {
        case .jpeg: jpegSize.map { $0 == (width, height) } ?? false
        case .webp: webpSize.map { $0 == (width, height) } ?? false
        case .avif: avifSize.map { $0 == (width, height) } ?? false
        case .png: pngSize.map { $0 == (width, height) } ?? false
        case .mp4, .mov: has("ftyp", at: 4)
        case .webm: bytes.starts(with: [0x1A, 0x45, 0xDF, 0xA3])
        // Their beginnings say too little.
        case .m3u8, .vtt: false
        }
    }

    /// From the frame header (ITU-T T.81 section B.2.2), after any other segments.
    private var jpegSize: (Int, Int)? {
        guard bytes.starts(with: [0xFF, 0xD8]) else { return nil }
        var offset = 2
        while let marker = number(at: offset, 2), marker > 0xFF00, let length = number(at: offset + 2, 2), length >= 2 {
            // The numbers in between that are no frame headers: Huffman tables, and two that are reserved.
            if (0xFFC0...0xFFCF).contains(marker), ![0xFFC4, 0xFFC8, 0xFFCC].contains(marker) {
                guard let height = number(at: offset + 5, 2), let width = number(at: offset + 7, 2) else { return nil }
                return (width, height)
            }
            offset += 2 + length
        }
        return nil
    }

    /// From the first chunk, which is one of three (RFC 9649 sections 2.5 to 2.7).
    private var webpSize: (Int, Int)? {
        guard has("RIFF", at: 0), has("WEBP", at: 8), bytes.count >= 30 else { return nil }
        let bits = { (offset: Int, count: Int) in bytes[offset..<(offset + count)].reversed().reduce(0) { $0 << 8 | Int($1) } }
        if has("VP8X", at: 12) { return (bits(24, 3) + 1, bits(27, 3) + 1) }
        if has("VP8 ", at: 12) { return (bits(26, 2) & 0x3FFF, bits(28, 2) & 0x3FFF) }
        if has("VP8L", at: 12) { return ((bits(21, 4) & 0x3FFF) + 1, ((bits(21, 4) >> 14) & 0x3FFF) + 1) }
        return nil
    }

    /// From the properties `ispe` (ISO/IEC 23008-12 section 6.5.3), of the picture and of its transparency; those of a
    /// picture in tiles would differ.
    private var avifSize: (Int, Int)? {
        guard has("ftypavif", at: 4) else { return nil }
        let sizes = bytes.indices.dropFirst(4).filter { has("ispe", at: $0) && number(at: $0 - 4, 4) == 20 }.map { place in
            (number(at: place + 8, 4), number(at: place + 12, 4))
        }
        guard case (let width?, let height?)? = sizes.first, sizes.allSatisfy({ $0 == (width, height) }) else { return nil }
        return (width, height)
    }

    /// From the header chunk, which is the first (PNG, third edition, section 11.2.1).
    private var pngSize: (Int, Int)? {
        guard bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]), has("IHDR", at: 12),
            let width = number(at: 16, 4), let height = number(at: 20, 4)
        else { return nil }
        return (width, height)
    }

    private func has(_ text: String, at offset: Int) -> Bool { bytes.dropFirst(offset).starts(with: text.utf8) }

    /// Big-endian; `nil` past the end.
    private func number(at offset: Int, _ count: Int) -> Int? {
        guard offset + count <= bytes.count else { return nil }
        return bytes[offset..<(offset + count)].reduce(0) { $0 << 8 | Int($1) }
    }
}

extension MediaFormat {
    /// Whether files of this format move.
    var isFilm: Bool {
        switch self {
        case .jpeg, .webp, .avif, .png, .m3u8, .vtt: false
        case .mp4, .mov, .webm: true
        }
    }
}
