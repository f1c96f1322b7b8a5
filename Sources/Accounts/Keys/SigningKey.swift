import Core
import Crypto
import Foundation

/// One secret and the keys derived from it (HKDF, RFC 5869): each use has its own, so that a token of one kind can
/// never pass for another.
struct SigningKey: Sendable, Equatable {
    /// The least that a secret may have.
    static let shortest = 32

    /// The same wherever the secret is the same; goes into a JWT's `kid`.
    let id: String
    let accessTokens: SymmetricKey
    let grantTokens: SymmetricKey
    let secrets: SymmetricKey

    /// - Throws: `SigningKeyError.tooShort`.
    init(secret: Data) throws {
        guard secret.count >= Self.shortest else { throw SigningKeyError.tooShort }
        self.id = Self.derive(secret, "lumiere key id", bytes: 6)
            .withUnsafeBytes { Data($0) }.base64URLEncodedString()
        self.accessTokens = Self.derive(secret, "lumiere access token", bytes: 32)
        self.grantTokens = Self.derive(secret, "lumiere grant token", bytes: 32)
        self.secrets = Self.derive(secret, "lumiere sealed secret", bytes: 32)
    }

    private static func derive(_ secret: Data, _ use: String, bytes: Int) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: secret), info: Array(use.utf8), outputByteCount: bytes)
    }
}

/// What can be wrong with signing keys. Holds no secret.
public enum SigningKeyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A secret has fewer than 32 bytes.
    case tooShort
    /// No key at all.
    case none
    /// The keys were given by configuration; only a file can be rotated.
    case given
    /// The file holds something else.
    case malformed(path: String)
    /// A system call failed.
    case file(path: String, reason: String)

    public var description: String {
        switch self {
        case .tooShort: "A signing secret must have at least \(SigningKey.shortest) bytes."
        case .none: "There is no signing key."
        case .given: "Signing keys that are given by configuration are rotated there: put the new one first."
        case .malformed(let path): "\(path) is not a file of signing keys."
        case .file(let path, let reason): "\(path): \(reason)."
        }
    }
}
