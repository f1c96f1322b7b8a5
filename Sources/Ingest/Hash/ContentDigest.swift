import Checksums
public import Core
import Crypto

/// The running SHA-256 and CRC-32 of a file's first bytes, and what they say it is.
public struct ContentDigest: RunningDigest {
    /// Bytes that went in.
    public private(set) var count: Int64 = 0
    private var sha = SHA256()
    /// The CRC-32 of ZIP (ISO 3309), of what went in.
    public private(set) var crc32: UInt32 = 0

    /// The beginning of what went in.
    private var head: [UInt8] = []

    public init() {}

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        sha.update(bufferPointer: bytes)
        crc32 = CRC32.update(crc32, bytes)
        count += Int64(bytes.count)
        if head.count < MediaSniffer.window { head += bytes.prefix(MediaSniffer.window - head.count) }
    }

    /// What the first bytes say the file is; `nil` for nothing that Lumiere reads.
    public var sniffed: SniffedType? { MediaSniffer.sniff(head) }

    /// Lower-case hex of the SHA-256 of what went in.
    public var sha256: String {
        var text = ""
        text.reserveCapacity(64)
        for byte in sha.finalize() {
            text.append(byte < 16 ? "0" : "")
            text.append(String(byte, radix: 16))
        }
        return text
    }
}
