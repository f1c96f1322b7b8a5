/// Several parts of a file as one `multipart/byteranges` body (RFC 9110 section 14.6): how it is put together.
public struct MultipartRanges: Sendable, Equatable {
    /// What the body is made of, one after the other.
    public enum Piece: Sendable, Equatable {
        /// What stands around the parts.
        case text(String)
        /// Bytes of the file.
        case bytes(Range<Int64>)
    }

    public let pieces: [Piece]
    /// Bytes of the whole body.
    public let length: Int64
    private let boundary: String

    /// - Parameters:
    ///   - ranges: parts of the file, not empty.
    ///   - size: bytes of the whole file.
    ///   - contentType: of the file; a valid field value.
    ///   - boundary: what no part holds.
    public init(_ ranges: [Range<Int64>], size: Int64, contentType: String, boundary: String = Self.makeBoundary()) {
        var pieces: [Piece] = []
        for (index, range) in ranges.enumerated() {
            let head = "--\(boundary)\r\nContent-Type: \(contentType)\r\nContent-Range: \(MediaDecision.contentRange(range, size))\r\n\r\n"
            pieces.append(.text(index == 0 ? head : "\r\n" + head))
            pieces.append(.bytes(range))
        }
        pieces.append(.text("\r\n--\(boundary)--\r\n"))
        self.pieces = pieces
        self.length = pieces.reduce(0) { $0 + $1.length }
        self.boundary = boundary
    }

    /// The `Content-Type` of the answer.
    public var contentType: String { "multipart/byteranges; boundary=\(boundary)" }

    /// 128 random bits: who uploads a file cannot know them, and so not end a part before its end.
    public static func makeBoundary() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }.joined()
    }
}

extension MultipartRanges.Piece {
    /// Bytes.
    public var length: Int64 {
        switch self {
        case .text(let text): Int64(text.utf8.count)
        case .bytes(let range): range.upperBound - range.lowerBound
        }
    }
}
