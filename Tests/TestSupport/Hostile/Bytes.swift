/// Numbers as file formats have them.
enum Bytes {
    static func big(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian, Array.init) }
    static func little(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.littleEndian, Array.init) }
    static func little(_ value: UInt16) -> [UInt8] { withUnsafeBytes(of: value.littleEndian, Array.init) }

    /// Replaces four bytes after every place where a text stands.
    /// - Parameter offset: from the end of the text.
    static func patch(_ file: inout [UInt8], after text: String, offset: Int, with value: UInt32) {
        let wanted = Array(text.utf8)
        var place = 0
        while place + wanted.count + offset + 4 <= file.count {
            if file[place..<place + wanted.count].elementsEqual(wanted) {
                let start = place + wanted.count + offset
                file.replaceSubrange(start..<start + 4, with: big(value))
            }
            place += 1
        }
    }
}

/// A zlib stream (RFC 1950) that unpacks to very many zeros: 13 bits for every 258 of them.
enum ZeroStream {
    static func bytes(unpackingTo count: Int) -> [UInt8] {
        var writer = BitWriter()
        // The last block, with the fixed codes of RFC 1951, 3.2.6: one zero, then copies of it.
        writer.write(0b011, bits: 3)
        writer.write(0x0C, bits: 8)
        for _ in 0..<(count - 1) / 258 { writer.write(0xA3, bits: 13) }
        for _ in 0..<(count - 1) % 258 { writer.write(0x0C, bits: 8) }
        writer.write(0, bits: 7)
        let checksum = UInt32(count % 65521) << 16 | 1
        return [0x78, 0x01] + writer.finished() + Bytes.big(checksum)
    }
}

/// Bits in the order in which zlib and WebP store them, the lowest first.
struct BitWriter {
    private var bytes: [UInt8] = []
    private var pending: UInt32 = 0
    private var count = 0

    mutating func write(_ value: UInt32, bits: Int) {
        pending |= value << UInt32(count)
        count += bits
        while count >= 8 {
            bytes.append(UInt8(truncatingIfNeeded: pending))
            pending >>= 8
            count -= 8
        }
    }

    func finished() -> [UInt8] { count > 0 ? bytes + [UInt8(truncatingIfNeeded: pending)] : bytes }
}
