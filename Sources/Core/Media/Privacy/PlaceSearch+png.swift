extension PlaceSearch {
    /// Chunks by which the picture is shown (third edition, section 11), besides those of text; any other goes: programs
    /// and devices put into their own what they like, signed claims about the file among it.
    private static let shown: Set = [
        "IHDR", "PLTE", "IDAT", "IEND", "tRNS", "cHRM", "gAMA", "iCCP", "sBIT", "sRGB", "cICP", "mDCV", "mDCv", "cLLI", "cLLi",
        "bKGD", "hIST", "pHYs", "sPLT", "tIME", "acTL", "fcTL", "fdAT",
    ]

    /// A PNG file (third edition, section 5): chunks, each with a checksum that has to be right again; what follows the
    /// last goes.
    mutating func searchPNG() throws {
        var offset: UInt64 = 8
        while let length = try bytes.integer(offset, 4) {
            try spend()
            let content = offset + 8..<min(offset + 8 + length, max(offset + 8, bytes.size))
            let isLast = try bytes.has("IEND", at: offset + 4)
            try searchChunk(content)
            offset += 12 + length
            if isLast { break }
        }
        try fill(min(offset, bytes.size)..<bytes.size)
    }

    private mutating func searchChunk(_ content: Range<UInt64>) throws {
        let before = patches.count
        if try bytes.has("eXIf", at: content.lowerBound - 4) {
            try searchExif(content)
        } else {
            switch try text(of: content) {
            case .packet(let packet): try searchXMP(packet)
            case .hidden:
                // A chunk that no reader knows or needs, of zeros.
                try replace(at: content.lowerBound - 4, Array("zzZz".utf8))
                try fill(content)
            case nil: break
            }
        }
        if patches.count > before { try sign(content, Array(patches[before...])) }
    }

    /// What may tell a place: text as it is, or what is compressed, in hex, or of no known form.
    private enum Text { case packet(Range<UInt64>), hidden }

    private func text(of content: Range<UInt64>) throws -> Text? {
        let type = String(decoding: try bytes.bytes(content.lowerBound - 4, 4), as: UTF8.self)
        guard content.lowerBound <= bytes.size else { return nil }
        guard ["tEXt", "zTXt", "iTXt"].contains(type) else { return Self.shown.contains(type) ? nil : .hidden }
        // A keyword has 79 characters at most.
        let keyword = try bytes.bytes(content.lowerBound, min(80, content.count)).prefix { $0 != 0 }
        let name = String(decoding: keyword, as: UTF8.self).lowercased()
        // Some programs write each field of an Exif block as a text of its own, e.g. `exif:GPSLatitude`.
        if name.hasPrefix("raw profile type") || ["gps", "latitude", "longitude", "location"].contains(where: name.contains) {
            return .hidden
        }
        guard keyword.elementsEqual("XML:com.adobe.xmp".utf8) else { return nil }
        // After the keyword: whether it is compressed, how, a language, and the keyword in it.
        let flag = content.lowerBound + UInt64(keyword.count) + 1
        guard type == "iTXt", try bytes.integer(flag, 1) == 0,
            let language = try bytes.first([0], from: flag + 2, to: content.upperBound),
            let translated = try bytes.first([0], from: language + 1, to: content.upperBound)
        else { return .hidden }
        return .packet(translated + 1..<content.upperBound)
    }

    /// Puts the right checksum behind a chunk that has been changed.
    private mutating func sign(_ content: Range<UInt64>, _ changes: [BytePatch]) throws {
        guard content.count <= Self.maximumBlock else { throw Unreadable() }
        var chunk = try bytes.bytes(content.lowerBound - 4, content.count + 4)
        BytePatch.apply(changes, to: &chunk, at: content.lowerBound - 4)
        guard content.upperBound + 4 <= bytes.size else { return }
        try replace(at: content.upperBound, CRC32.bytes(of: chunk))
    }
}

/// The checksum of PNG's chunks (third edition, annex D).
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }

    /// Big-endian, as it stands in the file.
    static func bytes(of data: [UInt8]) -> [UInt8] {
        let value = ~data.reduce(~UInt32(0)) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
        return (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
    }
}
