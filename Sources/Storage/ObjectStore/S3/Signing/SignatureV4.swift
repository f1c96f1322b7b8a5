import Core
import Crypto
import Foundation

/// AWS Signature Version 4 for S3 as pure functions: the same arguments give the same signature.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html>
struct SignatureV4: Sendable {
    /// What stands for the body's hash when the body is not signed.
    static let unsignedPayload = "UNSIGNED-PAYLOAD"
    static let algorithm = "AWS4-HMAC-SHA256"

    let accessKey: String
    let secretKey: Secret
    let region: String
    var service = "s3"

    /// A request as far as it is signed.
    struct Request: Sendable {
        var method: String
        /// Percent-encoded.
        var path: String
        /// Names and values as they are, not encoded.
        var query: [(name: String, value: String)] = []
        /// Every header here is signed; `host` has to be among them.
        var headers: [(name: String, value: String)]
        /// Hex SHA-256 of the body, or `unsignedPayload`.
        var payload: String
    }

    /// The value of the `Authorization` header.
    func authorization(_ request: Request, at time: SigningTime) -> String {
        let names = Self.signedHeaders(request)
        return "\(Self.algorithm) Credential=\(accessKey)/\(scope(time)),SignedHeaders=\(names),"
            + "Signature=\(signature(request, at: time))"
    }

    /// The query of a presigned URL, percent-encoded: whoever has the URL may make the request.
    /// - Parameter lifetime: seconds, at most 604 800.
    func presignedQuery(_ request: Request, at time: SigningTime, lifetime: Int64) -> String {
        var request = request
        request.query += [
            ("X-Amz-Algorithm", Self.algorithm),
            ("X-Amz-Credential", "\(accessKey)/\(scope(time))"),
            ("X-Amz-Date", time.text),
            ("X-Amz-Expires", String(lifetime)),
            ("X-Amz-SignedHeaders", Self.signedHeaders(request)),
        ]
        let signature = signature(request, at: time)
        return URIEncoding.query(request.query + [("X-Amz-Signature", signature)])
    }

    /// Hex HMAC-SHA256 of the string to sign.
    func signature(_ request: Request, at time: SigningTime) -> String {
        let text = stringToSign(request, at: time)
        return Hex.text(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key(for: time.day)))
    }

    func stringToSign(_ request: Request, at time: SigningTime) -> String {
        let hash = Hex.text(SHA256.hash(data: Data(Self.canonicalRequest(request).utf8)))
        return [Self.algorithm, time.text, scope(time), hash].joined(separator: "\n")
    }

    /// The signing key of a day.
    func key(for day: String) -> SymmetricKey {
        [day, region, service, "aws4_request"].reduce(SymmetricKey(data: Data("AWS4\(secretKey.reveal)".utf8))) { key, part in
            SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Data(part.utf8), using: key))
        }
    }

    static func canonicalRequest(_ request: Request) -> String {
        let query = request.query.map { (URIEncoding.component($0.name), URIEncoding.component($0.value)) }.sorted(by: <)
        return [
            request.method, request.path, query.map { "\($0)=\($1)" }.joined(separator: "&"),
            sorted(request).map { "\($0.name):\($0.value)\n" }.joined(), signedHeaders(request), request.payload,
        ].joined(separator: "\n")
    }

    private func scope(_ time: SigningTime) -> String { "\(time.day)/\(region)/\(service)/aws4_request" }

    private static func signedHeaders(_ request: Request) -> String {
        sorted(request).map(\.name).joined(separator: ";")
    }

    /// Lower-case names in byte order; runs of blanks in values count as one.
    private static func sorted(_ request: Request) -> [(name: String, value: String)] {
        request.headers.map { header in
            (header.name.lowercased(), header.value.split(separator: " ").joined(separator: " "))
        }.sorted { $0.0 < $1.0 }
    }
}

/// Bytes as lower-case hex digits.
enum Hex {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
