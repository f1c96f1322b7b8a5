import Core

/// How a store makes an object of others by itself: which stretches of them become its parts (UploadPartCopy).
struct CopyPlan: Sendable, Equatable {
    /// Bytes of a part, at least; the last one may have fewer.
    static let minPart: Int64 = 5 << 20
    /// Bytes of a part, at most: few enough that the server answers in time.
    static let maxPart: Int64 = 128 << 20

    /// A part to be.
    struct Piece: Sendable, Equatable {
        let source: ObjectKey
        /// What of it; `nil` for all, as servers take no stretch of a small object.
        let range: Range<Int64>?
        let size: Int64
    }

    /// In their order.
    let pieces: [Piece]
    /// Bytes of all together.
    let size: Int64

    /// - Parameter sources: one after the other; empty ones are left out.
    /// - Returns: `nil` when there is nothing to copy, one of them is too small, or they are too large.
    init?(_ sources: [StoredObject]) {
        let sources = sources.filter { $0.size > 0 }
        guard !sources.isEmpty, sources.dropLast().allSatisfy({ $0.size >= Self.minPart }) else { return nil }
        pieces = sources.flatMap(Self.pieces)
        size = sources.reduce(0) { $0 + $1.size }
        guard pieces.count <= MultipartLayout.maxParts, size <= S3ObjectStore.maxSize else { return nil }
    }

    /// As few and as equal as can be.
    private static func pieces(of source: StoredObject) -> [Piece] {
        let count = (source.size + maxPart - 1) / maxPart
        if count == 1 { return [Piece(source: source.key, range: nil, size: source.size)] }
        return (0..<count).map { index in
            let (base, rest) = source.size.quotientAndRemainder(dividingBy: count)
            let start = index * base + min(index, rest)
            let end = start + base + (index < rest ? 1 : 0)
            return Piece(source: source.key, range: start..<end, size: end - start)
        }
    }
}
