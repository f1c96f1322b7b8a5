import CDeflate

/// The CRC-32 of ZIP, gzip and PNG (ISO 3309), as fast as the processor can, and the arithmetic that spares reading the same
/// bytes again.
public enum CRC32 {
    /// Of some bytes and what came before.
    /// - Parameter sum: of the bytes before, 0 at the start.
    public static func update(_ sum: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
        // Without an address the function would begin anew.
        bytes.baseAddress.map { libdeflate_crc32(sum, $0, bytes.count) } ?? sum
    }

    /// What the checksum of a file becomes when some of its bytes are replaced by as many others.
    ///
    /// A CRC is the remainder of a polynomial, so what two files differ in differs in their remainders alike: the difference
    /// of the parts, multiplied by x for each bit that follows them.
    /// - Parameters:
    ///   - old: the checksum of the bytes that were there, alone.
    ///   - new: of those in their place, alone.
    ///   - count: bytes of the file behind them.
    public static func replacing(_ old: UInt32, by new: UInt32, before count: UInt64, in sum: UInt32) -> UInt32 {
        sum ^ product(old ^ new, power(count))
    }

    /// The remainder's divisor, its bits in reverse, as everywhere here: the highest one stands for 1, the next for x.
    private static let polynomial: UInt32 = 0xEDB8_8320

    /// The product of two polynomials, divided by the polynomial.
    private static func product(_ a: UInt32, _ b: UInt32) -> UInt32 {
        var (sum, term): (UInt32, UInt32) = (0, b)
        for bit in (0..<32).reversed() {
            if a >> UInt32(bit) & 1 == 1 { sum ^= term }
            term = term & 1 == 1 ? term >> 1 ^ polynomial : term >> 1
        }
        return sum
    }

    /// x to the power of 8 for each of so many bytes, by squaring.
    private static func power(_ bytes: UInt64) -> UInt32 {
        var (result, square, left): (UInt32, UInt32, UInt64) = (1 << 31, 1 << 23, bytes)
        while left > 0 {
            if left & 1 == 1 { result = product(result, square) }
            square = product(square, square)
            left >>= 1
        }
        return result
    }
}
