/// Turns bytes into the codewords of a QR code, in the order in which they are drawn.
enum QRCodewords {
    /// Byte mode (ISO/IEC 18004:2015 section 7.4.5), padded, with error correction, interleaved (section 7.6).
    /// - Parameter bytes: at most the version's capacity.
    static func all(_ bytes: [UInt8], _ version: QRVersion) -> [UInt8] {
        let blocks = divided(data(bytes, version), version.blockLengths)
        let code = ReedSolomon(count: version.correctionPerBlock)
        return interleaved(blocks) + interleaved(blocks.map { code.codewords(for: $0) })
    }

    /// Mode, count, bytes, terminator and padding.
    private static func data(_ bytes: [UInt8], _ version: QRVersion) -> [UInt8] {
        var writer = BitWriter()
        writer.append(0b0100, bits: 4)
        writer.append(bytes.count, bits: version.countBits)
        for byte in bytes { writer.append(Int(byte), bits: 8) }
        // The terminator of four bits always finds room: what is left over is a multiple of 8, less those of the mode.
        writer.append(0, bits: 4)
        let padding = (0..<version.dataCodewords - writer.bytes.count).map { $0.isMultiple(of: 2) ? 0xEC : 0x11 as UInt8 }
        return writer.bytes + padding
    }

    private static func divided(_ data: [UInt8], _ lengths: [Int]) -> [ArraySlice<UInt8>] {
        var rest = data[...]
        return lengths.map { length in
            defer { rest = rest.dropFirst(length) }
            return rest.prefix(length)
        }
    }

    /// The first of each block, then the second of each, until the longest has ended.
    private static func interleaved(_ blocks: [some Collection<UInt8>]) -> [UInt8] {
        let longest = blocks.map(\.count).max() ?? 0
        return (0..<longest).flatMap { index in
            blocks.compactMap { $0.dropFirst(index).first }
        }
    }
}

/// Bits in bytes, the most significant first.
private struct BitWriter {
    private(set) var bytes: [UInt8] = []
    private var free = 0

    mutating func append(_ value: Int, bits: Int) {
        for bit in (0..<bits).reversed() {
            if free == 0 {
                bytes.append(0)
                free = 8
            }
            free -= 1
            bytes[bytes.count - 1] |= UInt8(value >> bit & 1) << UInt8(free)
        }
    }
}
