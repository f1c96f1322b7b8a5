/// A digest that the body of one request can be checked against.
enum ChecksumAlgorithm: String, Sendable, CaseIterable {
    case sha1, sha256, sha512, md5
    /// The CRC-32 of ZIP (ISO 3309), its highest byte first.
    case crc32

    /// Bytes of a digest.
    var size: Int {
        switch self {
        case .sha1: 20
        case .sha256: 32
        case .sha512: 64
        case .md5: 16
        case .crc32: 4
        }
    }
}
