import Core
import Foundation

/// What a webhook's messages are signed with; known to its owner and to us.
struct WebhookSecret: Sendable, Equatable {
    /// How Standard Webhooks writes secrets down: this, then base64.
    static let prefix = "whsec_"
    private static let length = 32

    /// `whsec_…`
    let text: Secret

    /// A fresh one.
    init() {
        var random = SystemRandomNumberGenerator()
        let key = Data((0..<Self.length).map { _ in UInt8.random(in: 0...255, using: &random) })
        text = Secret(Self.prefix + key.base64EncodedString())
    }

    /// Reads the written form; `nil` unless it holds 24 to 64 bytes.
    init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), let key = Data(base64Encoded: String(text.dropFirst(Self.prefix.count))),
            (24...64).contains(key.count)
        else { return nil }
        self.text = Secret(text)
    }

    /// The bytes that the text stands for.
    var key: Data { Data(base64Encoded: String(text.reveal.dropFirst(Self.prefix.count))) ?? Data() }
}

extension WebhookSecret: SQLConvertible {
    var sqlValue: SQLValue { .text(text.reveal) }

    init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue, let secret = Self(text) else { return nil }
        self = secret
    }
}
