/// The directories of a TIFF file or Exif block that lies somewhere in a file (TIFF 6.0, section 2). Every offset is
/// checked against the block's end; nothing is read that nobody asks for.
struct TIFFBlock {
    enum Tag {
        static let (exif, gps, interoperability, subdirectories): (UInt64, UInt64, UInt64, UInt64) = (0x8769, 0x8825, 0xA005, 0x014A)
        static let (xmp, imageResources): (UInt64, UInt64) = (0x02BC, 0x8649)
        static let (preview, previewLength): (UInt64, UInt64) = (0x0201, 0x0202)
        static let (strips, stripLengths, iptc): (UInt64, UInt64, UInt64) = (0x0111, 0x0117, 0x83BB)
    }

    struct Entry {
        var tag: UInt64
        var type: UInt64
        var count: UInt64
        /// Where the value lies, from the block's start; a small one stands in the entry itself.
        var offset: UInt64
        /// Bytes.
        var length: UInt64
        /// Whether it lies outside of the entry.
        var isRemote: Bool { length > 4 }
    }

    struct Directory {
        var entries: [Entry]
        /// Where the next one lies; 0 when there is none.
        var next: UInt64

        func entry(_ tag: UInt64) -> Entry? { entries.first { $0.tag == tag } }

        func number(_ tag: UInt64, _ block: TIFFBlock) throws -> UInt64? {
            try entry(tag).flatMap { try block.numbers($0).first }
        }
    }

    let bytes: MediaBytes
    let base: UInt64
    let length: UInt64
    let isBigEndian: Bool
    let firstDirectory: UInt64

    /// Numbers of one entry that are read.
    static let maximumNumbers: UInt64 = 32

    /// - Returns: `nil` when the block does not begin as it must.
    init?(_ bytes: MediaBytes, at base: UInt64, length: UInt64) throws {
        let head = try bytes.bytes(base, 4)
        guard head == [0x49, 0x49, 42, 0] || head == [0x4D, 0x4D, 0, 42], base < bytes.size, length >= 8 else { return nil }
        self.bytes = bytes
        self.base = base
        self.length = min(length, bytes.size - base)
        isBigEndian = head[0] == 0x4D
        guard let first = try bytes.integer(base + 4, 4, isBigEndian: isBigEndian) else { return nil }
        firstDirectory = first
    }

    /// - Returns: those entries that lie within the block; `nil` when there is no directory.
    func directory(at offset: UInt64) throws -> Directory? {
        guard offset >= 8, let count = try integer(offset, 2) else { return nil }
        var entries: [Entry] = []
        for index in 0..<count {
            guard let entry = try entry(at: offset + 2 + 12 * index) else { break }
            entries.append(entry)
        }
        return Directory(entries: entries, next: try integer(offset + 2 + 12 * count, 4) ?? 0)
    }

    private func entry(at offset: UInt64) throws -> Entry? {
        guard let tag = try integer(offset, 2), let type = try integer(offset + 2, 2), let count = try integer(offset + 4, 4),
            let value = try integer(offset + 8, 4)
        else { return nil }
        let length = count * Self.width(ofType: type)
        return Entry(tag: tag, type: type, count: count, offset: length > 4 ? value : offset + 8, length: length)
    }

    /// Where the value lies in the file, as far as it lies within the block.
    func range(_ entry: Entry) -> Range<UInt64> {
        let start = min(entry.offset, length)
        return base + start..<base + min(start + entry.length, length)
    }

    /// The values of an entry of whole numbers; signed ones, which some readers take for offsets as well, as if they were none.
    func numbers(_ entry: Entry) throws -> [UInt64] {
        let width = Self.width(ofType: entry.type)
        guard [3, 4, 8, 9, 13].contains(entry.type) else { return [] }
        return try (0..<min(entry.count, Self.maximumNumbers)).compactMap { try integer(entry.offset + $0 * width, Int(width)) }
    }

    private func integer(_ offset: UInt64, _ width: Int) throws -> UInt64? {
        guard offset <= length, length - offset >= UInt64(width) else { return nil }
        return try bytes.integer(base + offset, width, isBigEndian: isBigEndian)
    }

    /// Bytes of one value; the unknown ones count as single bytes.
    private static func width(ofType type: UInt64) -> UInt64 {
        switch type {
        case 3, 8: 2
        case 4, 9, 11, 13: 4
        case 5, 10, 12: 8
        default: 1
        }
    }
}
