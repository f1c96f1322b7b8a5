/// The header of a box (ISO/IEC 14496-12 section 4.2), the unit that MP4 and QuickTime files are made of.
struct BoxHeader: Equatable {
    /// Four characters.
    var kind: String
    /// Bytes of the header itself.
    var headerLength: UInt64
    /// Bytes of the box, header included; may be more than there are.
    var length: UInt64

    /// Bytes that the longest header has.
    static let maximumLength = 16

    /// Reads a 32-bit length and the kind, then a 64-bit length when the first is 1; 0 means "to the end".
    /// - Parameter remaining: bytes from the box's start to the end of what it lies in.
    /// - Returns: `nil` when the bytes are too few, or the length is less than the header's.
    init?(_ bytes: [UInt8], remaining: UInt64) {
        guard remaining >= 8, bytes.count >= 8 else { return nil }
        kind = String(String.UnicodeScalarView(bytes[4..<8].map { Unicode.Scalar($0) }))
        (headerLength, length) = (8, Self.bigEndian(bytes[..<4]))
        if length == 0 { length = remaining }
        if length == 1 {
            guard bytes.count >= 16 else { return nil }
            (headerLength, length) = (16, Self.bigEndian(bytes[8..<16]))
        }
        guard length >= headerLength else { return nil }
    }

    private static func bigEndian(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}
