public import HTTPTypes

/// What a request for a file is answered with, once it is known who asks and which file it is: conditions before ranges
/// (RFC 9110 section 13.2.2). Pure, and quick enough for an event loop.
public enum MediaDecision: Sendable, Equatable {
    /// 200 with everything; for HEAD, its length.
    case whole
    /// 206 with those bytes.
    case part(Range<Int64>)
    /// 206 with those parts, as `MultipartRanges` puts them together.
    case parts([Range<Int64>])
    /// 304.
    case notModified
    /// 412.
    case preconditionFailed
    /// 416.
    case unsatisfiable

    /// - Parameter isHead: `Range` has a meaning for GET only (section 14.2), and so has `If-Range`.
    public init(_ request: MediaConditions, of file: Representation, isHead: Bool) {
        switch Conditionals.evaluate(request, file) {
        case .notModified: self = .notModified
        case .failed: self = .preconditionFailed
        case .proceed(let usesRange):
            guard usesRange, !isHead, file.hasParts else {
                self = .whole
                return
            }
            switch ByteRange.evaluate(request.range, size: file.size) {
            case .full: self = .whole
            case .partial(let range): self = .part(range)
            case .several(let ranges): self = .parts(ranges)
            case .unsatisfiable: self = .unsatisfiable
            }
        }
    }

    /// The status of the answer.
    public var status: HTTPResponse.Status {
        switch self {
        case .whole: .ok
        case .part, .parts: .partialContent
        case .notModified: .notModified
        case .preconditionFailed: .preconditionFailed
        case .unsatisfiable: .rangeNotSatisfiable
        }
    }

    /// The `Content-Range` of the answer (section 14.4); of `parts`, each has its own.
    /// - Parameter size: bytes of the whole file.
    public func contentRange(size: Int64) -> String? {
        switch self {
        case .part(let range): Self.contentRange(range, size)
        case .unsatisfiable: "bytes */\(size)"
        case .whole, .parts, .notModified, .preconditionFailed: nil
        }
    }

    static func contentRange(_ range: Range<Int64>, _ size: Int64) -> String {
        "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
    }
}
