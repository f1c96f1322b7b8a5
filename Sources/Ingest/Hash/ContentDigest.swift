import CZlib
import Crypto

/// The running SHA-256 and CRC-32 of a file's first bytes.
struct ContentDigest: Sendable {
    /// Bytes that went in.
    private(set) var count: Int64 = 0
    private var sha = SHA256()
    /// The CRC-32 of ZIP (ISO 3309), of what went in.
    private(set) var crc32: UInt32 = 0

    init() {}

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        sha.update(bufferPointer: bytes)
        let start = bytes.bindMemory(to: UInt8.self).baseAddress
        // Qualified: the property has the same name as zlib's older function.
        crc32 = UInt32(truncatingIfNeeded: CZlib.crc32_z(uLong(crc32), start, z_size_t(bytes.count)))
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
