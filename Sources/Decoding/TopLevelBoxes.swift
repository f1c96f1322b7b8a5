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
            guard let box = BoxHeader(try read(offset, BoxHeader.maximumLength), remaining: size - offset) else { return }
            if box.kind == "moov" { isIndexFirst = !hasMedia }
            hasMedia = hasMedia || box.kind == "mdat"
            guard box.length <= size - offset else { isCut = true; return }
            offset += box.length
        }
    }
}
