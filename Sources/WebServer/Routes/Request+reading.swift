import Foundation
import HTTPTypes
public import Hummingbird
import NIOCore

extension Request {
    /// The text after `Bearer ` in `Authorization` (RFC 6750 section 2.1); `nil` without one.
    public var bearerToken: String? {
        guard let value = headers[.authorization] else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return parts[1].trimmingCharacters(in: .whitespaces)
    }

    var queryParameters: [String: String] {
        Dictionary(
            uri.queryParameters.map { (String($0.key), String($0.value)) }, uniquingKeysWith: { first, _ in first })
    }
}
