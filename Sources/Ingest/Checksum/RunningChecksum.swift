import Checksums
import Crypto

/// The running digests of a body, by one algorithm or several.
struct RunningChecksum: RunningDigest {
    private var digests: [ChecksumAlgorithm: Digest]

    init(_ algorithms: [ChecksumAlgorithm]) {
        digests = Dictionary(uniqueKeysWithValues: Set(algorithms).map { ($0, Digest($0)) })
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        for algorithm in digests.keys { digests[algorithm]?.update(bytes) }
    }

    /// The digest of what went in; `nil` when it was not asked for.
    func digest(_ algorithm: ChecksumAlgorithm) -> [UInt8]? { digests[algorithm]?.value }
}

private enum Digest: Sendable {
    case sha1(Insecure.SHA1)
    case sha256(SHA256)
    case sha512(SHA512)
    case md5(Insecure.MD5)
    case crc32(UInt32)

    init(_ algorithm: ChecksumAlgorithm) {
        switch algorithm {
        case .sha1: self = .sha1(Insecure.SHA1())
        case .sha256: self = .sha256(SHA256())
        case .sha512: self = .sha512(SHA512())
        case .md5: self = .md5(Insecure.MD5())
        case .crc32: self = .crc32(0)
        }
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        switch self {
        case .sha1(let hash): self = .sha1(Self.updated(hash, bytes))
        case .sha256(let hash): self = .sha256(Self.updated(hash, bytes))
        case .sha512(let hash): self = .sha512(Self.updated(hash, bytes))
        case .md5(let hash): self = .md5(Self.updated(hash, bytes))
        case .crc32(let sum): self = .crc32(CRC32.update(sum, bytes))
        }
    }

    private static func updated<Hash: HashFunction>(_ hash: Hash, _ bytes: UnsafeRawBufferPointer) -> Hash {
        var hash = hash
        hash.update(bufferPointer: bytes)
        return hash
    }

    var value: [UInt8] {
        switch self {
        case .sha1(let hash): Array(hash.finalize())
        case .sha256(let hash): Array(hash.finalize())
        case .sha512(let hash): Array(hash.finalize())
        case .md5(let hash): Array(hash.finalize())
        case .crc32(let sum): withUnsafeBytes(of: sum.bigEndian) { Array($0) }
        }
    }
}
