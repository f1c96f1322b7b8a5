import Core
import Foundation

/// How the bucket and its objects are addressed.
struct S3Address: Sendable, Equatable {
    let isSecure: Bool
    /// The `Host` header: the port only when it is not the scheme's own.
    let host: String
    /// What comes before the key: empty, or `/bucket`.
    let bucketPath: String

    /// - Throws: `S3Configuration.Invalid`.
    init(_ endpoint: String, bucket: String, style: S3Configuration.Style) throws {
        guard let parts = URLComponents(string: endpoint), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let name = parts.encodedHost, !name.isEmpty
        else { throw S3Configuration.Invalid(description: "S3: the endpoint has to be http[s]://host[:port]") }
        guard ["", "/"].contains(parts.path), parts.query == nil, parts.user == nil, parts.fragment == nil else {
            throw S3Configuration.Invalid(description: "S3: the endpoint has nothing after host and port")
        }
        guard Self.isBucket(bucket) else {
            throw S3Configuration.Invalid(description: "S3: a bucket's name has 3 to 63 of a-z 0-9 . -")
        }
        isSecure = scheme == "https"
        let isDefaultPort = parts.port == nil || parts.port == (isSecure ? 443 : 80)
        let authority = isDefaultPort ? name : "\(name):\(parts.port ?? 0)"
        host = style == .path ? authority : "\(bucket).\(authority)"
        bucketPath = style == .path ? "/\(bucket)" : ""
    }

    /// The percent-encoded path of a key; the bucket's own for an empty one.
    func path(_ key: String) -> String {
        key.isEmpty && !bucketPath.isEmpty ? bucketPath : "\(bucketPath)/\(URIEncoding.path(key))"
    }

    /// - Parameter query: percent-encoded.
    func url(_ key: String, query: String) -> String {
        "\(isSecure ? "https" : "http")://\(host)\(path(key))\(query.isEmpty ? "" : "?")\(query)"
    }

    private static func isBucket(_ name: String) -> Bool {
        (3...63).contains(name.utf8.count) && name.utf8.allSatisfy { byte in
            (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
        } && !name.hasPrefix(".") && !name.hasPrefix("-") && !name.hasSuffix(".") && !name.hasSuffix("-")
            && !name.contains("..")
    }
}
