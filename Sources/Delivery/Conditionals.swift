public import Core
import Foundation
public import HTTPTypes

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

    /// - Parameters:
    ///   - etag: the strong entity tag of the representation, in quotes.
    ///   - modified: cut to whole seconds for comparison, as HTTP dates are; `nil` when dates say nothing about it.
    public static func evaluate(_ headers: HTTPFields, etag: String, modified: Timestamp?) -> Decision {
        if let tags = headers[.ifMatch] {
            guard matches(tags, etag, weakly: false) else { return .failed }
        } else if let modified, let date = headers[.ifUnmodifiedSince].flatMap(HTTPDate.parse), seconds(modified) > seconds(date) {
            return .failed
        }
        if let tags = headers[.ifNoneMatch] {
            if matches(tags, etag, weakly: true) { return .notModified }
        } else if let modified, let date = headers[.ifModifiedSince].flatMap(HTTPDate.parse), seconds(modified) <= seconds(date) {
            return .notModified
        }
        return .proceed(usesRange: rangeHolds(headers[.ifRange], etag, modified))
    }

    /// Section 13.1.5: a strong tag or exactly the date; anything else asks for the whole.
    private static func rangeHolds(_ value: String?, _ etag: String, _ modified: Timestamp?) -> Bool {
        guard let value else { return true }
        if value.hasPrefix("\"") { return value == etag }
        guard let modified, let date = HTTPDate.parse(value) else { return false }
        return seconds(date) == seconds(modified)
    }

    private static func matches(_ list: String, _ etag: String, weakly: Bool) -> Bool {
        if list.trimmingCharacters(in: .whitespaces) == "*" { return true }
        return list.split(separator: ",").contains { item in
            let tag = item.trimmingCharacters(in: .whitespaces)
            return tag == etag || weakly && tag == "W/" + etag
        }
    }

    private static func seconds(_ time: Timestamp) -> Int64 { time.milliseconds / 1000 }
}
