import Core
import Foundation

/// The digests in `Content-Digest` and `Repr-Digest` (RFC 9530).
enum DigestField {
    private static let algorithms: [(key: String, algorithm: ChecksumAlgorithm)] = [("sha-512", .sha512), ("sha-256", .sha256)]

    /// The strongest digest of a known algorithm; `nil` when there is none, and for a field that cannot be read.
    /// - Throws: `Problem` 400 `bad_digest` for a known algorithm with what cannot be its digest.
    static func checksum(_ field: String) throws(Problem) -> BodyChecksum? {
        guard let members = StructuredField.dictionary(field) else { return nil }
        for (key, algorithm) in algorithms {
            guard let member = members[key] else { continue }
            guard case .bytes(let digest) = member, let checksum = BodyChecksum(algorithm, expected: digest) else {
                throw Problem.badRequest("bad_digest", "\(key) is no digest of that algorithm.")
            }
            return checksum
        }
        return nil
    }

    /// Whether the value of `Want-Repr-Digest` (section 4) asks for SHA-256; a preference of 0 declines it.
    static func asksForSHA256(_ field: String) -> Bool {
        guard case .integer(let preference) = StructuredField.dictionary(field)?["sha-256"] else { return false }
        return (1...10).contains(preference)
    }

    /// The field for a SHA-256 in hex.
    static func text(sha256: String) -> String {
        let digits = sha256.compactMap(\.hexDigitValue)
        let bytes = stride(from: 1, to: digits.count, by: 2).map { UInt8(digits[$0 - 1] << 4 | digits[$0]) }
        return "sha-256=:\(Data(bytes).base64EncodedString()):"
    }

    /// The SHA-256 of a whole file, in lower-case hex.
    /// - Throws: `Problem` 400 `bad_digest`.
    static func sha256(_ field: String) throws(Problem) -> String? {
        guard let member = StructuredField.dictionary(field)?["sha-256"] else { return nil }
        guard case .bytes(let digest) = member, digest.count == 32 else {
            throw Problem.badRequest("bad_digest", "sha-256 is no digest of that algorithm.")
        }
        return digest.map { byte in String(byte >> 4, radix: 16) + String(byte & 15, radix: 16) }.joined()
    }
}
