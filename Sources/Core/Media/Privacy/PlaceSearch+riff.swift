extension PlaceSearch {
    /// A WebP file (RFC 9649 section 2.3): chunks with their lengths; what follows the last goes.
    mutating func searchWebP() throws {
        guard let length = try bytes.integer(4, 4, isBigEndian: false) else { throw Unreadable() }
        let end = min(8 + length, bytes.size)
        var offset: UInt64 = 12
        while offset + 8 <= end, let length = try bytes.integer(offset + 4, 4, isBigEndian: false) {
            try spend()
            let content = offset + 8..<max(offset + 8, min(offset + 8 + length, end))
            let kind = String(decoding: try bytes.bytes(offset, 4), as: UTF8.self)
            switch kind {
            case "VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "ICCP": break
            case "EXIF":
                // Some programs put in front what a JPEG file has there.
                let prefix: UInt64 = try bytes.has("Exif\0\0", at: content.lowerBound) ? 6 : 0
                try searchExif(min(content.lowerBound + prefix, content.upperBound)..<content.upperBound)
            case "XMP ": try searchXMP(content)
            default: try fill(content)
            }
            // Chunks of odd length are padded to an even one.
            offset += 8 + length + length % 2
        }
        try fill(min(offset, end)..<bytes.size)
    }
}
