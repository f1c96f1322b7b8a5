import Crypto

/// Comparison of secrets.
enum ConstantTime {
    /// Whether two byte strings are equal, in a time that depends on nothing but their lengths.
    static func equal(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(into: UInt8(0)) { $0 |= $1.0 ^ $1.1 } == 0
    }
}

/// How secrets of tokens are kept: they are random and long, so a plain SHA-256 is enough.
enum SecretHash {
    static func of(_ secret: some StringProtocol) -> [UInt8] { Array(SHA256.hash(data: Array(secret.utf8))) }
}
