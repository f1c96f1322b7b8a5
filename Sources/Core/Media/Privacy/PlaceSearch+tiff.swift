extension PlaceSearch {
    /// Directories of one block: a camera's file has a dozen.
    private static let maximumDirectories = 100
    /// Previews within previews: a camera's have none.
    private static let maximumDepth = 4
    /// Bytes of one value of a place; addresses in words are the longest.
    private static let maximumPlace: UInt64 = 1 << 16

    /// A TIFF file (TIFF 6.0), which an Exif block is, too (CIPA DC-008 section 4.5).
    /// - Throws: `Unreadable` when it is none.
    mutating func searchTIFF(at base: UInt64, length: UInt64) throws {
        guard let block = try TIFFBlock(bytes, at: base, length: length) else { throw Unreadable() }
        var waiting = [block.firstDirectory]
        var seen: Set<UInt64> = []
        while let offset = waiting.popLast() {
            guard seen.insert(offset).inserted else { continue }
            guard seen.count <= Self.maximumDirectories else { throw Unreadable() }
            guard let directory = try block.directory(at: offset) else { continue }
            for entry in directory.entries {
                try spend()
                waiting += try search(entry, of: block)
            }
            try searchPreview(directory, of: block)
            waiting.append(directory.next)
        }
    }

    /// - Returns: where further directories lie.
    private mutating func search(_ entry: TIFFBlock.Entry, of block: TIFFBlock) throws -> [UInt64] {
        switch entry.tag {
        case TIFFBlock.Tag.gps:
            for offset in try directories(entry, of: block) { try removeDirectory(at: offset, of: block) }
        case TIFFBlock.Tag.exif, TIFFBlock.Tag.interoperability, TIFFBlock.Tag.subdirectories:
            return try directories(entry, of: block)
        case TIFFBlock.Tag.xmp: try searchXMP(block.range(entry))
        case TIFFBlock.Tag.imageResources: try searchImageResources(block.range(entry))
        case TIFFBlock.Tag.iptc: try searchIPTC(block.range(entry))
        case _ where Self.removed.contains(entry.tag): try fill(block.range(entry))
        default: break
        }
        return []
    }

    /// - Throws: `Unreadable` when there are more than are read.
    private func directories(_ entry: TIFFBlock.Entry, of block: TIFFBlock) throws -> [UInt64] {
        guard entry.count <= TIFFBlock.maximumNumbers else { throw Unreadable() }
        return try block.numbers(entry)
    }

    /// Values that go: GeoTIFF's (OGC 19-008r4) and GDAL's, and the raw file that a DNG file was made from.
    private static let removed: Set<UInt64> = [0x830E, 0x8482, 0x85D8, 0x87AF, 0x87B0, 0x87B1, 0xA480, 0xC68C]

    /// A preview is a JPEG file of its own, under a name of its own or as the only strip of a picture. Far within others, all
    /// of it goes.
    private mutating func searchPreview(_ directory: TIFFBlock.Directory, of block: TIFFBlock) throws {
        for (place, size) in [(TIFFBlock.Tag.preview, TIFFBlock.Tag.previewLength), (TIFFBlock.Tag.strips, TIFFBlock.Tag.stripLengths)] {
            guard directory.entry(place)?.count == 1, let start = try directory.number(place, block), start < block.length,
                try bytes.integer(block.base + start, 3) == 0xFFD8FF
            else { continue }
            let length = try directory.number(size, block) ?? block.length
            let preview = block.base + start..<block.base + min(block.length, start + min(length, block.length))
            guard isNew(preview, as: .preview) else { continue }
            guard depth < Self.maximumDepth else {
                try fill(preview)
                continue
            }
            depth += 1
            defer { depth -= 1 }
            _ = try searchOneJPEG(at: preview.lowerBound, before: preview.upperBound)
        }
    }

    /// Empties a directory: its entries, and what they point to.
    private mutating func removeDirectory(at offset: UInt64, of block: TIFFBlock) throws {
        guard let directory = try block.directory(at: offset) else { return }
        for entry in directory.entries {
            try spend()
            guard entry.isRemote else { continue }
            let range = block.range(entry)
            try fill(range.lowerBound..<min(range.upperBound, range.lowerBound + Self.maximumPlace))
        }
        // The number of entries, the entries, and the next directory's offset.
        let start = block.base + offset
        try fill(start..<min(start + 6 + 12 * UInt64(directory.entries.count), block.base + block.length))
    }
}
