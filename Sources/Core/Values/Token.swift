import Foundation

/// Random text for secrets and codes, from the system's generator.
public enum RandomToken {
    /// `bytes` random bytes as URL-safe base64 without padding.
    public static func secret(bytes: Int = 32) -> String {
        var random = SystemRandomNumberGenerator()
        let data = Data((0..<bytes).map { _ in UInt8.random(in: 0...255, using: &random) })
        return data.base64URLEncodedString()
    }

    /// A code people can read out: upper-case letters and digits without 0/O, 1/I/L and U.
    public static func code(length: Int = 6) -> String {
        var random = SystemRandomNumberGenerator()
        return String((0..<length).map { _ in codeAlphabet.randomElement(using: &random)! })
    }

    private static let codeAlphabet = Array("23456789ABCDEFGHJKMNPQRSTVWXYZ")
}

extension Data {
    /// Base64 with the URL-safe alphabet and no padding (RFC 4648 section 5).
    public func base64URLEncodedString() -> String {
        base64EncodedString()
            .replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }

    /// Reads what `base64URLEncodedString` wrote; `nil` for any other text.
    public init?(base64URLEncoded text: String) {
        var standard = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        standard += String(repeating: "=", count: (4 - standard.count % 4) % 4)
        self.init(base64Encoded: standard)
    }
}
