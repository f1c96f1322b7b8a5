import AsyncHTTPClient
import Core
import Glibc
import NIOCore
import NIOHTTP1
import Synchronization

/// The head of an answer to a read: what there is, and a connection from which it comes.
struct S3Opening: Sendable {
    let key: ObjectKey
    /// Bytes of the whole object.
    let size: Int64
    let range: Range<Int64>
    /// Names the version that is read: the rest has to be of the same.
    let etag: String?
    /// The MD5 of the whole object in hex, when the ETag is known to be that.
    let md5: String?
    let body: HTTPClientResponse.Body

    /// - Parameter wanted: what was asked for.
    /// - Throws: `ObjectStoreError.system(EPROTO, ...)` for a head that does not fit the question.
    init(_ key: ObjectKey, _ wanted: Range<Int64>?, _ response: HTTPClientResponse) throws {
        let headers = response.headers
        let odd = ObjectStoreError.system(EPROTO, "GET \(key): unexpected head")
        guard let length = headers.first(name: "content-length").flatMap({ Int64($0) }), length >= 0 else { throw odd }
        if response.status == .partialContent {
            guard let part = headers.first(name: "content-range").flatMap({ ContentRange($0) }), let wanted,
                part.range.lowerBound == wanted.lowerBound, part.range.count == length,
                part.range.upperBound == min(wanted.upperBound, part.size)
            else { throw odd }
            (size, range) = (part.size, part.range)
        } else {
            // A server may answer with all of it when that is what the range comes to.
            guard wanted == nil || wanted?.lowerBound == 0 && (wanted?.upperBound ?? 0) >= length else { throw odd }
            (size, range) = (length, 0..<length)
        }
        self.key = key
        etag = headers.first(name: "etag")
        md5 = ETag.md5(headers)
        body = response.body
    }
}

/// `bytes 0-9/100` (RFC 9110 section 14.4).
struct ContentRange: Equatable {
    let range: Range<Int64>
    let size: Int64

    /// `nil` for any other form, also without a size.
    init?(_ text: String) {
        let numbers = text.dropFirst(6).split(omittingEmptySubsequences: false) { $0 == "-" || $0 == "/" }.map { Int64($0) }
        guard text.hasPrefix("bytes "), numbers.count == 3, let first = numbers[0], let last = numbers[1],
            let size = numbers[2], first >= 0, first <= last, last < size
        else { return nil }
        self.range = first..<(last + 1)
        self.size = size
    }
}
