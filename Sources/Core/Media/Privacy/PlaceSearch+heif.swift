extension PlaceSearch {
    /// Boxes that hold the picture, and nothing else.
    private static let kept: Set = ["ftyp", "meta", "mdat"]
    /// Boxes of the list of items by which the picture is put together (section 8.11).
    private static let listed: Set = [
        "hdlr", "dinf", "pitm", "iloc", "iinf", "ipro", "iprp", "iref", "idat", "grpl",
    ]

    /// A HEIF file (ISO/IEC 23008-12): its items by their list, and of all other boxes nothing: a film, for instance.
    mutating func searchHEIF() throws {
        try forEachBox(in: 0..<bytes.size) { search, box in
            if box.kind == "meta" { try search.searchItems(box) }
            if !Self.kept.contains(box.kind) { try search.empty(box) }
        }
    }

    /// Turns a box into padding.
    private mutating func empty(_ box: Box) throws {
        if box.kind != "free" { try replace(at: box.start + 4, Array("free".utf8)) }
        try clear(box.content)
    }

    /// A box's kind and places (ISO/IEC 14496-12 section 4.2).
    struct Box {
        var start: UInt64
        var kind: String
        var content: Range<UInt64>
    }

    /// - Returns: where the last of them ends.
    @discardableResult
    mutating func forEachBox(
        in range: Range<UInt64>, _ body: (inout PlaceSearch, Box) throws -> Void
    ) throws -> UInt64 {
        var offset = range.lowerBound
        while offset + 8 <= range.upperBound, var length = try bytes.integer(offset, 4) {
            try spend()
            let kind = String(decoding: try bytes.bytes(offset + 4, 4), as: UTF8.self)
            var header: UInt64 = 8
            if length == 0 { length = range.upperBound - offset }
            if length == 1 {
                guard let long = try bytes.integer(offset + 8, 8) else { throw Unreadable() }
                (length, header) = (long, 16)
            }
            guard length >= header else { throw Unreadable() }
            let end = min(length, range.upperBound - offset) + offset
            try body(&self, Box(start: offset, kind: kind, content: min(offset + header, end)..<end))
            offset = end
        }
        return offset
    }

    /// The items that are Exif blocks or XMP packets (section 8.11).
    private mutating func searchItems(_ meta: Box) throws {
        var (names, places, data): (Box?, Box?, Box?) = (nil, nil, nil)
        // A version and flags stand in front.
        try forEachBox(in: min(meta.content.lowerBound + 4, meta.content.upperBound)..<meta.content.upperBound) { search, box in
            if !Self.listed.contains(box.kind) { try search.empty(box) }
            switch box.kind {
            case "iinf": names = box
            case "iloc": places = box
            case "idat": data = box
            default: break
            }
        }
        guard let names, let places else { return }
        let items = try metadataItems(names)
        guard !items.isEmpty else { return }
        for (number, extents) in try self.extents(places, data: data, of: Set(items.keys)) {
            try search(extents, items[number] ?? .sealed)
        }
    }

    /// What an item of metadata is.
    private enum Item { case exif, text, sealed }

    private mutating func search(_ extents: [Range<UInt64>], _ item: Item) throws {
        guard item != .sealed, extents.count == 1, let only = extents.first else { return try extents.forEach { try fill($0) } }
        guard item == .exif else { return try searchXMP(only) }
        // In front stands how many bytes are to be skipped (ISO/IEC 23008-12 annex A.2.1).
        guard let skipped = try bytes.integer(only.lowerBound, 4) else { return }
        try searchExif(min(only.lowerBound + 4 + skipped, only.upperBound)..<only.upperBound)
    }

    /// The items of metadata, by their numbers: Exif blocks, what may be XMP packets, and what is compressed or nobody knows.
    private mutating func metadataItems(_ names: Box) throws -> [UInt64: Item] {
        guard let version = try bytes.integer(names.content.lowerBound, 1) else { return [:] }
        let first = names.content.lowerBound + (version == 0 ? 6 : 8)
        var items: [UInt64: Item] = [:]
        try forEachBox(in: min(first, names.content.upperBound)..<names.content.upperBound) { search, box in
            guard box.kind == "infe", let version = try search.bytes.integer(box.content.lowerBound, 1) else { return }
            // Older ones have no type.
            guard version >= 2 else { throw Unreadable() }
            let width = version == 2 ? 2 : 4
            let start = box.content.lowerBound + 4
            guard let number = try search.bytes.integer(start, width) else { return }
            switch String(decoding: try search.bytes.bytes(start + UInt64(width) + 2, 4), as: UTF8.self) {
            case "Exif": items[number] = .exif
            case "mime":
                // Its name, type and coding, each ended by a zero (ISO/IEC 14496-12 section 8.11.6).
                let rest = start + UInt64(width) + 6..<max(start + UInt64(width) + 6, box.content.upperBound)
                let texts = try search.bytes.bytes(rest.lowerBound, min(rest.count, 4096)).split(
                    separator: 0, omittingEmptySubsequences: false)
                items[number] = texts.count > 2 && !texts[2].isEmpty ? .sealed : .text
            case "uri ": items[number] = .sealed
            default: break
            }
        }
        return items
    }
}
