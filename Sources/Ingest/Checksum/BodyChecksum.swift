import Core
import Foundation

/// What the digest of a request's body has to be.
struct BodyChecksum: Sendable, Equatable {
    let algorithm: ChecksumAlgorithm
    /// As many bytes as the algorithm's digests have.
    let expected: [UInt8]

    /// `nil` when no digest of the algorithm can be that.
    init?(_ algorithm: ChecksumAlgorithm, expected: [UInt8]) {
        guard expected.count == algorithm.size else { return nil }
        self.algorithm = algorithm
        self.expected = expected
    }

    /// Whether it is the digest of no bytes at all.
    var isOfNothing: Bool { RunningChecksum([algorithm]).digest(algorithm) == expected }
}

extension BodyChecksum {
    /// The value of `Upload-Checksum` (tus 1.0.0, checksum): a name, one space, Base64.
    /// - Throws: `Problem` 400 `unsupported_checksum` or `bad_checksum`.
    init(tus header: String, among known: [ChecksumAlgorithm]) throws(Problem) {
        let words = header.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2 else { throw Self.malformed }
        guard let algorithm = known.first(where: { $0.rawValue == words[0] }) else {
            let names = known.map(\.rawValue).joined(separator: ", ")
            throw Problem.badRequest("unsupported_checksum", "Upload-Checksum takes \(names).")
        }
        // Longer than any digest in Base64: not worth decoding.
        guard words[1].utf8.count <= 128, let bytes = Data(base64Encoded: String(words[1])) else { throw Self.malformed }
        guard let checksum = BodyChecksum(algorithm, expected: [UInt8](bytes)) else { throw Self.malformed }
        self = checksum
    }

    private static let malformed = Problem.badRequest(
        "bad_checksum", "Upload-Checksum must be the name of an algorithm, a space and its digest in Base64.")
}
