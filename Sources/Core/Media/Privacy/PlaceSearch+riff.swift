extension PlaceSearch {
    /// A WebP file (RFC 9649 section 2.3): chunks with their lengths; what follows the last goes.
    mutating func searchWebP() throws {
        guard let length = try bytes.integer(4, 4, isBigEndian: false) else { throw Unreadable() }
        let end = min(8 + length, bytes.size)
        let last = try forEachChunk(in: min(12, end)..<end) { search, kind, content in
            switch kind {
            case "VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ICCP": break
            case "ANMF": try search.searchFrame(content)
            case "EXIF":
                // Some programs put in front what a JPEG file has there.
                let prefix: UInt64 = try search.bytes.has("Exif\0\0", at: content.lowerBound) ? 6 : 0
                try search.searchExif(min(content.lowerBound + prefix, content.upperBound)..<content.upperBound)
            case "XMP ": try search.searchXMP(content)
            default: try search.fill(content)
            }
        }
        try fill(min(last, end)..<bytes.size)
    }

    /// A frame of an animation: its place and duration, then chunks of its own (section 2.7.1.1).
    private mutating func searchFrame(_ frame: Range<UInt64>) throws {
        let last = try forEachChunk(in: min(frame.lowerBound + 16, frame.upperBound)..<frame.upperBound) { search, kind, content in
            if !["VP8 ", "VP8L", "ALPH"].contains(kind) { try search.fill(content) }
        }
        try clear(min(last, frame.upperBound)..<frame.upperBound)
    }

    /// - Returns: where the last of them ends, or would end.
    private mutating func forEachChunk(
        in range: Range<UInt64>, _ body: (inout PlaceSearch, _ kind: String, _ content: Range<UInt64>) throws -> Void
    ) throws -> UInt64 {
        var offset = range.lowerBound
        while offset + 8 <= range.upperBound, let length = try bytes.integer(offset + 4, 4, isBigEndian: false) {
            try spend()
            let kind = String(decoding: try bytes.bytes(offset, 4), as: UTF8.self)
            try body(&self, kind, offset + 8..<min(offset + 8 + length, range.upperBound))
            // Chunks of odd length are padded to an even one.
            offset += 8 + length + length % 2
        }
        return offset
    }
}
