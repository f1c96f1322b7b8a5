import Core

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
