import Core
import Crypto
import Foundation

/// A message as it goes over the wire (Standard Webhooks 1.0.0).
struct SignedMessage: Sendable {
    var body: String
    /// `webhook-id`, `webhook-timestamp` and `webhook-signature`.
    var headers: [(name: String, value: String)] {
        [("webhook-id", id), ("webhook-timestamp", String(seconds)), ("webhook-signature", signatures.joined(separator: " "))]
    }
    private let id: String
    /// Unix time of the attempt.
    private let seconds: Int64
    private let signatures: [String]

    /// - Parameters:
    ///   - id: stays the same from attempt to attempt.
    ///   - secrets: each gives a signature, so that a receiver may change from one to the other at any time.
    init(id: String, at now: Timestamp, body: String, secrets: [WebhookSecret]) {
        self.id = id
        self.body = body
        let seconds = now.milliseconds / 1000
        self.seconds = seconds
        signatures = secrets.map { secret in
            let signed = Data("\(id).\(seconds).\(body)".utf8)
            let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: secret.key))
            return "v1," + Data(code).base64EncodedString()
        }
    }
}
