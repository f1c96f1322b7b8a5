/// Looks through a film's boxes for anything besides picture, sound and how to play them (ISO/IEC 14496-12 section 6.2.3):
/// user data, metadata, and what devices and programs have invented. What is not listed here, tells; what lies in the
/// listed ones, libavformat shows.
struct UserDataSearch {
    /// Gives up to `count` bytes at an offset.
    let read: (_ offset: UInt64, _ count: Int) throws -> [UInt8]

    /// Boxes looked at before a film counts as too odd to tell.
    private var boxesLeft = 10_000
    /// Bytes of padding looked at before.
    private var paddingLeft: UInt64 = 1 << 20

    /// What a box that tells nothing holds.
    private enum Content {
        /// How to play the film.
        case playback
        /// Further boxes, after so many bytes.
        case boxes(after: UInt64 = 0)
        /// Zeros, and not too many.
        case padding
        /// A reference to the media data: flags, which say that it lies in this file, and no other place.
        case ownFile
    }

    private static let padding: [String: Content] = ["free": .padding, "skip": .padding, "wide": .padding]
    /// User data may be an empty list, or the name of the program that wrote the file, which libavformat shows.
    private static let userData: [String: Content] = ["udta": .boxes(), "meta": .boxes()]
    private static let tables = [
        "stsd", "stts", "ctts", "cslg", "stss", "stps", "sdtp", "stsc", "stsz", "stz2", "stco", "co64", "sgpd", "sbgp",
    ]

    /// What boxes may hold, by their kind; a film itself has none.
    private static let known: [String: [String: Content]] = [
        "": ["ftyp": .playback, "moov": .boxes(), "mdat": .playback, "sidx": .playback].with(padding).with(userData),
        "moov": ["mvhd": .playback, "iods": .playback, "trak": .boxes(), "mvex": .boxes()].with(padding).with(userData),
        "mvex": ["mehd": .playback, "trex": .playback],
        "trak": ["tkhd": .playback, "tref": .playback, "edts": .boxes(), "mdia": .boxes()].with(padding).with(userData),
        "edts": ["elst": .playback],
        "mdia": ["mdhd": .playback, "hdlr": .playback, "minf": .boxes()].with(padding),
        "minf": ["vmhd": .playback, "smhd": .playback, "dinf": .boxes(), "stbl": .boxes()].with(padding),
        "dinf": ["dref": .boxes(after: 8)],
        "dref": ["url ": .ownFile, "alis": .ownFile],
        "stbl": Dictionary(uniqueKeysWithValues: tables.map { ($0, .playback) }).with(padding),
        "udta": ["meta": .boxes()],
        "meta": ["hdlr": .playback, "ilst": .boxes()].with(padding),
        "ilst": ["\u{A9}too": .playback],
    ]

    init(read: @escaping (_ offset: UInt64, _ count: Int) throws -> [UInt8]) { self.read = read }

    /// Whether there is anything of interest between two offsets, or anything that makes no sense.
    /// - Parameter parent: the kind of the box that lies there; empty for the file itself.
    mutating func finds(in range: Range<UInt64>, of parent: String = "") throws -> Bool {
        var offset = range.lowerBound
        while offset < range.upperBound {
            boxesLeft -= 1
            let remaining = range.upperBound - offset
            guard boxesLeft > 0, let box = BoxHeader(try read(offset, BoxHeader.maximumLength), remaining: remaining),
                box.length <= remaining, let content = Self.known[parent]?[box.kind]
            else { return true }
            if try tells((offset + box.headerLength)..<(offset + box.length), content, of: box.kind) { return true }
            offset += box.length
        }
        return false
    }

    private mutating func tells(_ range: Range<UInt64>, _ content: Content, of kind: String) throws -> Bool {
        switch content {
        case .playback: return false
        case .boxes(let prefix):
            let start = try range.lowerBound + (kind == "meta" ? prefixOfMetadata(range) : prefix)
            return try start > range.upperBound || finds(in: start..<range.upperBound, of: kind)
        case .padding: return try !isEmpty(range)
        case .ownFile: return range.upperBound - range.lowerBound > 4
        }
    }

    /// MP4 has a version and flags in front of what `meta` holds, QuickTime has not; both begin with the handler.
    private func prefixOfMetadata(_ range: Range<UInt64>) throws -> UInt64 {
        let length = range.upperBound - range.lowerBound
        return try length < 4 || read(range.lowerBound, 8).dropFirst(4).elementsEqual("hdlr".utf8) ? 0 : 4
    }

    private mutating func isEmpty(_ range: Range<UInt64>) throws -> Bool {
        let length = range.upperBound - range.lowerBound
        guard length <= paddingLeft else { return false }
        paddingLeft -= length
        for offset in stride(from: range.lowerBound, to: range.upperBound, by: 1 << 16) {
            let part = try read(offset, Int(min(range.upperBound - offset, 1 << 16)))
            guard part.allSatisfy({ $0 == 0 }) else { return false }
        }
        return true
    }
}

extension Dictionary {
    fileprivate func with(_ other: Self) -> Self { merging(other) { first, _ in first } }
}
