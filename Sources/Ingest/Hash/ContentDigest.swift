import Crypto

/// The running SHA-256 and CRC-32 of a file's first bytes.
struct ContentDigest: RunningDigest {
    /// Bytes that went in.
    private(set) var count: Int64 = 0
    private var sha = SHA256()
    /// The CRC-32 of ZIP (ISO 3309), of what went in.
    private(set) var crc32: UInt32 = 0

    init() {}

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        sha.update(bufferPointer: bytes)
        crc32 = CRC32.update(crc32, bytes)
        count += Int64(bytes.count)
    }

    /// Lower-case hex of the SHA-256 of what went in.
    var sha256: String {
        var text = ""
        text.reserveCapacity(64)
        for byte in sha.finalize() {
            text.append(byte < 16 ? "0" : "")
            text.append(String(byte, radix: 16))
        }
        return text
    }
}
