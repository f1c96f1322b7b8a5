import CZlib

/// Something computed of bytes in their order. A copy goes on by itself.
protocol RunningDigest: Sendable {
    mutating func update(_ bytes: UnsafeRawBufferPointer)
}

/// The CRC-32 of ZIP (ISO 3309).
enum CRC32 {
    /// - Parameter sum: of the bytes before, 0 at the start.
    static func update(_ sum: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
        let start = bytes.bindMemory(to: UInt8.self).baseAddress
        return UInt32(truncatingIfNeeded: crc32_z(uLong(sum), start, z_size_t(bytes.count)))
    }
}
