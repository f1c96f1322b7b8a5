/// Looks through a film's boxes for what devices and programs leave beside picture and sound: user data, metadata and
/// boxes of their own making (ISO/IEC 14496-12 sections 8.10, 8.11 and 11.1). libavformat shows what it knows of them.
struct UserDataSearch {
    /// Gives up to `count` bytes at an offset.
    let read: (_ offset: UInt64, _ count: Int) throws -> [UInt8]

    /// Boxes looked at before a film counts as too odd to tell.
    private var boxesLeft = 10_000

    /// Boxes that are looked into, by what they lie in; a file itself has no name.
    private static let inner: [String: Set<String>] = [
        "": ["moov", "udta", "meta"], "moov": ["trak", "udta", "meta"], "trak": ["udta", "meta"], "udta": ["meta"],
        "meta": ["ilst"],
    ]
    /// All that user data may hold to be of no interest: an empty list, or the name of the program that wrote the file.
    private static let harmless: [String: Set<String>] = [
        "udta": ["meta"], "meta": ["hdlr", "ilst", "free"], "ilst": ["\u{A9}too"],
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
                box.length <= remaining, box.kind != "uuid", Self.harmless[parent]?.contains(box.kind) ?? true
            else { return true }
            let content = (offset + box.headerLength)..<(offset + box.length)
            if Self.inner[parent]?.contains(box.kind) == true, try finds(in: children(content, of: box.kind), of: box.kind) {
                return true
            }
            offset += box.length
        }
        return false
    }

    /// MP4 has a version and flags in front of what `meta` holds, QuickTime has not; both begin with the handler.
    private func children(_ content: Range<UInt64>, of kind: String) throws -> Range<UInt64> {
        guard kind == "meta", content.count >= 4, try !read(content.lowerBound, 8).dropFirst(4).elementsEqual("hdlr".utf8) else {
            return content
        }
        return (content.lowerBound + 4)..<content.upperBound
    }
}
