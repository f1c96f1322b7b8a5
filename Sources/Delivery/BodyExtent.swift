/// What of a file an answer's body holds.
enum BodyExtent: Sendable, Equatable {
    /// These bytes.
    case single(Range<Int64>)
    /// Several parts, and what stands around them.
    case multipart(MultipartRanges)

    init(_ range: Range<Int64>) { self = .single(range) }
    init(_ ranges: MultipartRanges) { self = .multipart(ranges) }

    /// One after the other.
    var pieces: [MultipartRanges.Piece] {
        switch self {
        case .single(let range): [.bytes(range)]
        case .multipart(let ranges): ranges.pieces
        }
    }

    /// Bytes of the body.
    var length: Int {
        switch self {
        case .single(let range): range.count
        case .multipart(let ranges): Int(ranges.length)
        }
    }

    /// The part that is sent first.
    var first: Range<Int64> {
        for case .bytes(let range) in pieces { return range }
        return 0..<0
    }
}
