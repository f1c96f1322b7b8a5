/// Gathers the Exif fields of files that have them where few readers look: all over a TIFF or raw file, whose
/// directories may lie gigabytes apart, or in a chunk of a PNG file. Pure.
public enum ExifExcerpt {
    /// Bytes of a value that is copied.
    private static let maximumValue: UInt64 = 4096
    /// Fields of one directory that are copied.
    private static let maximumFields = 300
    /// What is no field about the picture: places of pixels and blocks with a form of their own, makers' notes among them.
    private static let skipped: Set<UInt64> = [
        0x0111, 0x0117, 0x0144, 0x0145, 0x014A, 0x0201, 0x0202, 0x02BC, 0x83BB, 0x8649, 0x8769, 0x8773, 0x8825, 0x927C, 0xA005,
    ]

    /// A small block with the fields of the main, the Exif and the GPS directory.
    /// - Parameters:
    ///   - size: bytes of the file.
    ///   - read: gives up to `count` bytes at an offset; fewer only at the file's end.
    /// - Returns: `nil` when the file is of another kind, or has no such fields.
    /// - Throws: what `read` throws.
    public static func block(
        size: UInt64, read: @escaping (_ offset: UInt64, _ count: Int) throws -> [UInt8]
    ) throws -> [UInt8]? {
        let bytes = MediaBytes(size: size, read: read)
        guard let place = try place(in: bytes), let block = try TIFFBlock(bytes, at: place.lowerBound, length: UInt64(place.count)),
            let main = try block.directory(at: block.firstDirectory)
        else { return nil }
        let fields = try [0x8769, 0x8825].map { tag in
            try main.number(tag, block).flatMap(block.directory).map { try Self.fields($0, block) } ?? []
        }
        let excerpt = (main: try Self.fields(main, block), exif: fields[0], gps: fields[1])
        guard !excerpt.main.isEmpty || !excerpt.exif.isEmpty || !excerpt.gps.isEmpty else { return nil }
        return ExifWriter.block(main: excerpt.main, exif: excerpt.exif, gps: excerpt.gps, isBigEndian: block.isBigEndian)
    }

    /// Where the directories lie.
    private static func place(in bytes: MediaBytes) throws -> Range<UInt64>? {
        switch try MediaSniffer.sniff(bytes.bytes(0, MediaSniffer.window)) {
        case .tiff, .raw: return 0..<bytes.size
        case .png: return try chunk(of: bytes)
        default: return nil
        }
    }

    private static func chunk(of bytes: MediaBytes) throws -> Range<UInt64>? {
        var offset: UInt64 = 8
        for _ in 0..<10_000 {
            guard let length = try bytes.integer(offset, 4), length <= bytes.size else { return nil }
            if try bytes.has("eXIf", at: offset + 4) { return offset + 8..<offset + 8 + length }
            // Behind the pixels it would be found late; few programs put it there.
            if try bytes.has("IDAT", at: offset + 4) { return nil }
            offset += 12 + length
        }
        return nil
    }

    private static func fields(_ directory: TIFFBlock.Directory, _ block: TIFFBlock) throws -> [ExifWriter.Field] {
        try directory.entries.prefix(maximumFields).compactMap { entry in
            guard !skipped.contains(entry.tag), (1...maximumValue).contains(entry.length) else { return nil }
            let range = block.range(entry)
            let value = try block.bytes.bytes(range.lowerBound, range.count)
            guard value.count == Int(entry.length) else { return nil }
            return .init(tag: UInt16(entry.tag), type: UInt16(entry.type), count: UInt32(entry.count), value: value)
        }
    }
}
