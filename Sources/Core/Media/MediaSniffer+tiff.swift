extension MediaSniffer {
    private enum Tag {
        static let subfileType = 0xFE, compression = 0x103, make = 0x10F, subdirectories = 0x14A, dngVersion = 0xC612
    }

    /// How cameras compress what is no picture yet: Sony, Nikon, Pentax.
    private static let rawCompressions = [32_767, 34_713, 65_535]

    private static let makers = [
        ("nikon", "image/x-nikon-nef"), ("sony", "image/x-sony-arw"), ("pentax", "image/x-pentax-pef"),
        ("ricoh", "image/x-pentax-pef"), ("samsung", "image/x-samsung-srw"),
    ]

    /// Whose raw file a TIFF is, by its first directory: a preview there, and what the sensor saw in one below it.
    static func rawFile(_ head: [UInt8]) -> SniffedType? {
        guard let directory = TIFFDirectory(head) else { return nil }
        if directory.has(Tag.dngVersion) { return .raw("image/x-adobe-dng") }
        let isPreview = directory.number(Tag.subfileType) == 1 && directory.has(Tag.subdirectories)
        let isRaw = directory.number(Tag.compression).map(rawCompressions.contains) ?? false
        guard isPreview || isRaw, let make = directory.text(Tag.make)?.lowercased() else { return nil }
        return makers.first { make.hasPrefix($0.0) }.map { .raw($0.1) }
    }
}

/// The first directory of a TIFF (TIFF 6.0, section 2), as far as it lies within some first bytes.
private struct TIFFDirectory {
    private let bytes: [UInt8]
    private let isBigEndian: Bool
    /// Where the value of each tag is described.
    private var entries: [Int: Int] = [:]

    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 8 else { return nil }
        self.bytes = bytes
        isBigEndian = bytes[0] == 0x4D
        guard let start = integer(at: 4, 4), let count = integer(at: start, 2) else { return nil }
        for index in 0..<count {
            guard let tag = integer(at: start + 2 + 12 * index, 2) else { break }
            entries[tag] = start + 4 + 12 * index
        }
    }

    func has(_ tag: Int) -> Bool { entries[tag] != nil }

    /// A single number, of 16 or 32 bits.
    func number(_ tag: Int) -> Int? {
        guard let entry = entries[tag], let type = integer(at: entry, 2), [3, 4].contains(type) else { return nil }
        return integer(at: entry + 6, type == 3 ? 2 : 4)
    }

    /// The beginning of a text, as far as it is there.
    func text(_ tag: Int) -> String? {
        guard let entry = entries[tag], integer(at: entry, 2) == 2, let count = integer(at: entry + 2, 4), count > 4,
            let start = integer(at: entry + 6, 4), start < bytes.count
        else { return nil }
        return String(decoding: bytes[start...].prefix(min(count, 32)).prefix { $0 != 0 }, as: UTF8.self)
    }

    /// An unsigned number; `nil` past the end.
    private func integer(at offset: Int, _ count: Int) -> Int? {
        guard offset <= bytes.count - count else { return nil }
        let digits = bytes[offset..<offset + count]
        return (isBigEndian ? Array(digits) : digits.reversed()).reduce(0) { $0 << 8 | Int($1) }
    }
}
