/// The order of a film's outermost boxes (ISO/IEC 14496-12 section 4.2), which decides whether it plays while it loads.
struct TopLevelBoxes: Equatable, Sendable {
    /// The index comes before the media data.
    var isIndexFirst: Bool
    /// A box announces more bytes than the file has.
    var isCut: Bool

    /// Boxes looked at: a whole film has a handful, a fragmented one starts with its index.
    private static let maximumCount = 1000

    /// Walks the boxes from the start, as far as the question needs.
    /// - Parameters:
    ///   - size: bytes of the file.
    ///   - read: gives up to `count` bytes at an offset.
    init(size: UInt64, read: (_ offset: UInt64, _ count: Int) throws -> [UInt8]) rethrows {
        self.isIndexFirst = false
        self.isCut = false
        var offset: UInt64 = 0
        var hasMedia = false
        for _ in 0..<Self.maximumCount {
            guard size - offset >= 8, let box = Self.box(try read(offset, 16), remaining: size - offset) else { return }
            if box.kind == "moov" { isIndexFirst = !hasMedia }
            hasMedia = hasMedia || box.kind == "mdat"
            guard box.length <= size - offset else { isCut = true; return }
            offset += box.length
        }
    }

    /// A box's header: 32-bit length and kind, then a 64-bit length when the first is 1; 0 means "to the end".
    private static func box(_ header: [UInt8], remaining: UInt64) -> (kind: String, length: UInt64)? {
        guard header.count >= 8 else { return nil }
        let kind = String(decoding: header[4..<8], as: UTF8.self)
        switch bigEndian(header[..<4]) {
        case 0: return (kind, remaining)
        case 1:
            guard header.count >= 16, case let length = bigEndian(header[8..<16]), length >= 16 else { return nil }
            return (kind, length)
        case let length: return length >= 8 ? (kind, length) : nil
        }
    }

    private static func bigEndian(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}
