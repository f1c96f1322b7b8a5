/// Deflate (RFC 1951) for data that repeats single bytes: one block of fixed codes, whose only references are to the byte before.
struct RunDeflater {
    private var bytes: [UInt8] = []
    private var buffer: UInt32 = 0
    private var filled: UInt32 = 0

    /// The compressed data.
    static func deflated(_ data: [UInt8]) -> [UInt8] {
        var deflater = RunDeflater()
        // The last block, of fixed codes.
        deflater.append(0b011, bits: 3)
        var index = 0
        while index < data.count {
            let run = data[index...].prefix(longest + 1).prefix { $0 == data[index] }.count
            deflater.appendCode(UInt32(data[index]))
            if run > shortest { deflater.appendRun(run - 1) } else { for _ in 1..<run { deflater.appendCode(UInt32(data[index])) } }
            index += run
        }
        deflater.appendCode(endOfBlock)
        return deflater.finished()
    }

    private static let endOfBlock: UInt32 = 256
    private static let shortest = 3
    private static let longest = 258

    /// The code of a length, its first length, and the extra bits (section 3.2.5).
    private static let lengths: [(code: UInt32, first: Int, bits: UInt32)] = {
        var first = shortest
        let rising = (0..<28).map { index in
            let bits = UInt32(index < 8 ? 0 : index / 4 - 1)
            defer { first += 1 << bits }
            return (code: UInt32(257 + index), first: first, bits: bits)
        }
        return rising + [(285, longest, 0)]
    }()

    /// So many more of the byte before.
    /// - Parameter length: 3 to 258.
    private mutating func appendRun(_ length: Int) {
        guard let entry = Self.lengths.last(where: { $0.first <= length }) else { return }
        appendCode(entry.code)
        append(UInt32(length - entry.first), bits: entry.bits)
        // Distance 1.
        append(0, bits: 5)
    }

    /// A literal or length by the fixed codes (section 3.2.6), which begin with their most significant bit.
    private mutating func appendCode(_ symbol: UInt32) {
        let (code, bits): (UInt32, UInt32) =
            switch symbol {
            case 0..<144: (0x30 + symbol, 8)
            case 144..<256: (0x190 + symbol - 144, 9)
            case 256..<280: (symbol - 256, 7)
            default: (0xC0 + symbol - 280, 8)
            }
        for bit in (0..<bits).reversed() { append(code >> bit & 1, bits: 1) }
    }

    private mutating func append(_ value: UInt32, bits: UInt32) {
        buffer |= value << filled
        filled += bits
        while filled >= 8 {
            bytes.append(UInt8(truncatingIfNeeded: buffer))
            buffer >>= 8
            filled -= 8
        }
    }

    private func finished() -> [UInt8] { filled > 0 ? bytes + [UInt8(truncatingIfNeeded: buffer)] : bytes }
}
