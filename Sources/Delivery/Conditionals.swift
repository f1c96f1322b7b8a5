public import Core
public import HTTPTypes

/// The conditions and ranges of a request, as they were sent (RFC 9110 sections 13.1 and 14.2).
public struct MediaConditions: Sendable, Equatable {
    public var ifMatch: String?
    public var ifNoneMatch: String?
    public var ifModifiedSince: String?
    public var ifUnmodifiedSince: String?
    public var ifRange: String?
    public var range: String?

    /// A request without any.
    public init() {}

    /// - Parameter field: the value of a field; of one on several lines, all of them joined by `, ` (section 5.3).
    public init(_ field: (HTTPField.Name) -> String?) {
        ifMatch = field(.ifMatch)
        ifNoneMatch = field(.ifNoneMatch)
        ifModifiedSince = field(.ifModifiedSince)
        ifUnmodifiedSince = field(.ifUnmodifiedSince)
        ifRange = field(.ifRange)
        range = field(.range)
    }

    /// Those of a request.
    public init(_ headers: HTTPFields) { self.init { headers[$0] } }
}

/// What conditions and ranges are held against.
public struct Representation: Sendable, Equatable {
    /// The strong entity tag, in quotes.
    public var etag: String
    /// `nil` when dates say nothing about it. Cut to whole seconds for comparison, as HTTP dates are.
    public var modifiedAt: Timestamp?
    /// Bytes.
    public var size: Int64
    /// Whether it is given in parts.
    public var hasParts: Bool

    /// See the properties of the same names.
    public init(etag: String, modifiedAt: Timestamp?, size: Int64, hasParts: Bool = true) {
        self.etag = etag
        self.modifiedAt = modifiedAt
        self.size = size
        self.hasParts = hasParts
    }
}

/// The conditional headers of a request, decided in the order of RFC 9110 section 13.2.2.
public enum Conditionals {
    public enum Decision: Sendable, Equatable {
        /// Go on; `usesRange` says whether `Range` still counts after `If-Range`.
        case proceed(usesRange: Bool)
        /// 304.
        case notModified
        /// 412.
        case failed
    }

    /// Decides for a GET or HEAD request.
    public static func evaluate(_ request: MediaConditions, _ file: Representation) -> Decision {
        if let tags = request.ifMatch {
            guard EntityTags.list(tags, names: file.etag, weakly: false) else { return .failed }
        } else if let modified = file.modifiedAt, let date = seconds(request.ifUnmodifiedSince), modified.seconds > date {
            return .failed
        }
        if let tags = request.ifNoneMatch {
            if EntityTags.list(tags, names: file.etag, weakly: true) { return .notModified }
        } else if let modified = file.modifiedAt, let date = seconds(request.ifModifiedSince), modified.seconds <= date {
            return .notModified
        }
        return .proceed(usesRange: rangeHolds(request.ifRange, file))
    }

    /// Section 13.1.5: a strong tag or exactly the date; anything else asks for the whole. The date is a strong validator
    /// (section 8.8.2.2), for a file that has one never changes.
    private static func rangeHolds(_ value: String?, _ file: Representation) -> Bool {
        guard let value else { return true }
        if value.utf8.first == UInt8(ascii: "\"") { return value == file.etag }
        guard let modified = file.modifiedAt, let date = seconds(value) else { return false }
        return date == modified.seconds
    }

    private static func seconds(_ text: String?) -> Int64? { text.flatMap(HTTPDate.parse)?.seconds }
}

extension Timestamp {
    fileprivate var seconds: Int64 { milliseconds / 1000 }
}
