import CDeflate

/// Something computed of bytes in their order. A copy goes on by itself.
protocol RunningDigest: Sendable {
    mutating func update(_ bytes: UnsafeRawBufferPointer)
}

/// The CRC-32 of ZIP (ISO 3309).
enum CRC32 {
    /// - Parameter sum: of the bytes before, 0 at the start.
    static func update(_ sum: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
        // Without an address the function would begin anew.
        bytes.baseAddress.map { libdeflate_crc32(sum, $0, bytes.count) } ?? sum
    }
}
