/// Writes PNG files (ISO/IEC 15948) of black and white, one bit per pixel.
enum PNGWriter {
    /// - Parameter rows: of eight pixels to a byte, all as long as `width` needs.
    static func file(width: Int, rows: [[UInt8]]) -> [UInt8] {
        let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        // One bit deep, greyscale; deflate, adaptive filters, not interlaced.
        let header = bigEndian(UInt32(width)) + bigEndian(UInt32(rows.count)) + [1, 0, 0, 0, 0]
        return signature + chunk("IHDR", header) + chunk("IDAT", compressed(filtered(rows))) + chunk("IEND", [])
    }

    /// Every row as its difference to the one above (filter 2): most are the same, which leaves zeros.
    private static func filtered(_ rows: [[UInt8]]) -> [UInt8] {
        var above = [UInt8](repeating: 0, count: rows.first?.count ?? 0)
        return rows.flatMap { row in
            defer { above = row }
            return [2] + zip(row, above).map { $0 &- $1 }
        }
    }

    /// The zlib format (RFC 1950).
    private static func compressed(_ bytes: [UInt8]) -> [UInt8] {
        [0x78, 0x01] + RunDeflater.deflated(bytes) + bigEndian(adler32(bytes))
    }

    private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(type.utf8) + data
        return bigEndian(UInt32(data.count)) + body + bigEndian(crc32(body))
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] {
        stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
    }

    private static func adler32(_ bytes: [UInt8]) -> UInt32 {
        var (a, b): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            a = (a + UInt32(byte)) % 65_521
            b = (b + a) % 65_521
        }
        return b << 16 | a
    }

    /// Bit by bit: a QR code has a few thousand bytes.
    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc = UInt32.max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 0 ? 0 : 0xEDB8_8320) }
        }
        return ~crc
    }
}
