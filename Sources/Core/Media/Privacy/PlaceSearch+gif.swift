extension PlaceSearch {
    /// A GIF file (version 89a): pictures and extensions one after another; what follows the trailer goes.
    mutating func searchGIF() throws {
        guard let flags = try bytes.integer(10, 1) else { throw Unreadable() }
        var offset = 13 + Self.colours(flags)
        while let kind = try bytes.integer(offset, 1), kind != 0x3B {
            switch kind {
            case 0x21: offset = try searchExtension(at: offset)
            case 0x2C:
                try spend()
                guard let flags = try bytes.integer(offset + 9, 1) else { return }
                // Behind the colours stands the length of the shortest code.
                offset = try forEachBlock(from: offset + 11 + Self.colours(flags)) { _, _ in }
            // Readers pass over zeros, and end at anything else.
            case 0: offset += 1
            default: return try clear(offset..<bytes.size)
            }
        }
        try clear(min(offset + 1, bytes.size)..<bytes.size)
    }

    /// Bytes of a table of colours.
    private static func colours(_ flags: UInt64) -> UInt64 { flags & 0x80 == 0 ? 0 : 3 << (1 + flags & 7) }

    /// Of the applications' extensions, those stay that say how to play and show the pictures (Netscape's loop, ICC).
    private static let applications: Set = ["NETSCAPE2.0", "ANIMEXTS1.0", "ICCRGBG1012"]

    /// - Returns: where it ends.
    private mutating func searchExtension(at start: UInt64) throws -> UInt64 {
        try spend()
        guard let label = try bytes.integer(start + 1, 1) else { return bytes.size }
        switch label {
        case 0xFE: return try forEachBlock(from: start + 2) { try $0.searchText($1) }
        case 0xFF:
            let length = try bytes.integer(start + 2, 1) ?? 0
            let name = String(decoding: try bytes.bytes(start + 3, Int(length)), as: UTF8.self)
            if name == "XMP DataXMP" { return try searchPacket(from: start + 14) }
            let isKept = Self.applications.contains(name)
            return try forEachBlock(from: start + 3 + length) { if !isKept { try $0.clear($1) } }
        default: return try forEachBlock(from: start + 2) { _, _ in }
        }
    }

    /// A packet stands there as it is, not in blocks; 258 bytes follow which, from wherever one of them is taken for a
    /// length, lead to a zero (XMP specification part 3, section 1.1.2).
    /// - Returns: where they end.
    private mutating func searchPacket(from start: UInt64) throws -> UInt64 {
        let end = try forEachBlock(from: start) { _, _ in }
        // The last byte but one is a zero, too.
        let trailer = try [257, 258].first { try end >= start + $0 && bytes.integer(end - $0, 3) == 0x01FFFE }
        try searchXMP(start..<end - (trailer ?? 0))
        return end
    }

    /// The content of blocks of up to 255 bytes, each with its length in front, up to one of none.
    /// - Returns: where the last ends, at the end of the file at most.
    private mutating func forEachBlock(
        from start: UInt64, _ body: (inout PlaceSearch, Range<UInt64>) throws -> Void
    ) throws -> UInt64 {
        var offset = start
        while let length = try bytes.integer(offset, 1) {
            offset += 1
            if length == 0 { return offset }
            let end = min(offset + length, bytes.size)
            if offset < end { try body(&self, offset..<end) }
            offset = end
        }
        return bytes.size
    }
}
