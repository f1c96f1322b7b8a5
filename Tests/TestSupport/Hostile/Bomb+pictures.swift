extension Bomb {
    // MARK: PNG (ISO/IEC 15948)

    static func png(edge: Int) -> [Bomb] {
        let (large, small) = (UInt32(edge), UInt32(8))
        let profile = Array("profile\0\0".utf8) + ZeroStream.bytes(unpackingTo: 64 << 20)
        let text = Array("Comment\0\0".utf8) + ZeroStream.bytes(unpackingTo: 64 << 20)
        return [
            Bomb("bomb-declared.png", png(60_000, 60_000, rows: ZeroStream.bytes(unpackingTo: 1000)), isTooLarge: true),
            Bomb("bomb-sides.png", png(0x7FFF_FFFF, 0x7FFF_FFFF, rows: ZeroStream.bytes(unpackingTo: 1000))),
            Bomb("bomb-unpacked.png", png(large, large, rows: rows(large))),
            Bomb("bomb-profile.png", png(small, small, [("iCCP", profile)], rows: rows(small))),
            Bomb("bomb-text.png", png(small, small, [("zTXt", text)], rows: rows(small))),
            // A picture is there, and much more after it.
            Bomb("bomb-rest.png", png(small, small, rows: ZeroStream.bytes(unpackingTo: 256 << 20))),
        ]
    }

    /// One bit per pixel, and the filter's type before each row.
    private static func rows(_ edge: UInt32) -> [UInt8] {
        ZeroStream.bytes(unpackingTo: Int(edge) * ((Int(edge) + 7) / 8 + 1))
    }

    private static func png(
        _ width: UInt32, _ height: UInt32, _ extra: [(String, [UInt8])] = [], rows: [UInt8]
    ) -> [UInt8] {
        let header = Bytes.big(width) + Bytes.big(height) + [1, 0, 0, 0, 0]
        let chunks = [("IHDR", header)] + extra + [("IDAT", rows), ("IEND", [])]
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunks.flatMap { chunk($0.0, $0.1) }
    }

    private static func chunk(_ kind: String, _ data: [UInt8]) -> [UInt8] {
        let content = Array(kind.utf8) + data
        return Bytes.big(UInt32(data.count)) + content + Bytes.big(checksum(content))
    }

    /// CRC-32.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var value = ~UInt32(0)
        for byte in bytes { value = table[Int(UInt8(truncatingIfNeeded: value) ^ byte)] ^ (value >> 8) }
        return ~value
    }

    private static let table: [UInt32] = (0..<256).map { index in
        var value = UInt32(index)
        for _ in 0..<8 { value = value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
        return value
    }

    // MARK: JPEG (ITU T.81)

    static func jpeg(edge: Int, _ media: (String) throws -> [UInt8]) rethrows -> [Bomb] {
        let (baseline, progressive) = (try media("orientation-1.jpg"), try media("progressive.jpg"))
        return [
            Bomb("bomb-declared.jpg", jpeg(baseline, side: 0xFFDC), isTooLarge: true),
            Bomb("bomb-baseline.jpg", jpeg(baseline, side: UInt16(edge))),
            // All coefficients of a progressive picture are kept until its last scan.
            Bomb("bomb-progressive.jpg", jpeg(progressive, side: UInt16(edge))),
        ]
    }

    /// Changes what the frame header says of width and height.
    private static func jpeg(_ file: [UInt8], side: UInt16) -> [UInt8] {
        var (file, place) = (file, 2)
        while place + 9 < file.count, file[place] == 0xFF {
            if (0xC0...0xC2).contains(file[place + 1]) {
                let bytes = [UInt8(side >> 8), UInt8(side & 0xFF)]
                file.replaceSubrange(place + 5..<place + 9, with: bytes + bytes)
                return file
            }
            place += 2 + Int(file[place + 2]) << 8 + Int(file[place + 3])
        }
        return file
    }

    // MARK: WebP (RFC 9649)

    static func webp(edge: Int) -> [Bomb] {
        let canvas = [UInt8](repeating: 0, count: 4) + [UInt8](repeating: 0xFF, count: 6)
        return [
            Bomb("bomb-one-colour.webp", webp([("VP8L", lossless(min(edge, 16_384)))])),
            Bomb("bomb-canvas.webp", webp([("VP8X", canvas), ("VP8L", lossless(8))])),
        ]
    }

    private static func webp(_ chunks: [(String, [UInt8])]) -> [UInt8] {
        let body = chunks.flatMap { kind, data in
            Array(kind.utf8) + Bytes.little(UInt32(data.count)) + data + [UInt8](repeating: 0, count: data.count % 2)
        }
        return Array("RIFF".utf8) + Bytes.little(UInt32(body.count + 4)) + Array("WEBP".utf8) + body
    }

    /// A picture of one colour: with a single symbol in each of its five codes, its pixels take no bits at all.
    private static func lossless(_ side: Int) -> [UInt8] {
        var writer = BitWriter()
        writer.write(0x2F, bits: 8)
        writer.write(UInt32(side - 1), bits: 14)
        writer.write(UInt32(side - 1), bits: 14)
        // No alpha, version 0; no transform, no colour cache, no further codes.
        writer.write(0, bits: 4 + 3)
        for _ in 0..<5 { writer.write(0b0001, bits: 4) }
        return writer.finished() + [UInt8](repeating: 0, count: 8)
    }

    // MARK: GIF89a

    static func gif() -> [Bomb] {
        [
            // A canvas may be larger than what is drawn on it: what decoders go by is their affair.
            Bomb("bomb-canvas.gif", gif(side: 0xFFFF, frame: 1)),
            Bomb("bomb-frame.gif", gif(side: 60_000, frame: 60_000), isTooLarge: true),
            Bomb("bomb-frames.gif", gif(side: 2000, frame: 1, count: 20_000)),
        ]
    }

    private static func gif(side: UInt16, frame: UInt16, count: Int = 1) -> [UInt8] {
        let header = Array("GIF89a".utf8) + Bytes.little(side) + Bytes.little(side) + [0x80, 0, 0, 0, 0, 0, 255, 255, 255]
        // One pixel at the upper left: the code that clears, the pixel, the code that ends.
        let data: [UInt8] = [0, 2, 2, 0x44, 0x01, 0]
        let picture = [0x2C, 0, 0, 0, 0] + Bytes.little(frame) + Bytes.little(frame) + data
        return header + Array(repeating: picture, count: count).flatMap(\.self) + [0x3B]
    }

    // MARK: TIFF 6.0

    static func tiff(edge: Int) -> [Bomb] {
        [
            Bomb("bomb-declared.tiff", tiff(width: 100_000, height: 100_000, rows: 1), isTooLarge: true),
            Bomb("bomb-shared-rows.tiff", tiff(width: edge, height: edge, rows: edge)),
            Bomb("bomb-endless.tiff", tiff(width: 64, height: 64, rows: 64, isEndless: true)),
        ]
    }

    /// Grey, with rows that all lie at the same place in the file.
    /// - Parameter isEndless: its directory says that it follows itself.
    private static func tiff(width: Int, height: Int, rows: Int, isEndless: Bool = false) -> [UInt8] {
        let row = [UInt8](repeating: 0x7F, count: width)
        let (offsets, counts) = (8 + row.count, 8 + row.count + 4 * rows)
        let directory = counts + 4 * rows
        let entries: [(tag: UInt16, type: UInt16, count: Int, value: Int)] = [
            (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
            (273, 4, rows, rows == 1 ? 8 : offsets), (277, 3, 1, 1), (278, 4, 1, 1), (279, 4, rows, rows == 1 ? width : counts),
        ]
        let table = entries.flatMap {
            Bytes.little($0.tag) + Bytes.little($0.type) + Bytes.little(UInt32($0.count)) + Bytes.little(UInt32($0.value))
        }
        let lists = [8, width].flatMap { value in Array(repeating: Bytes.little(UInt32(value)), count: rows).flatMap(\.self) }
        return Array("II*\0".utf8) + Bytes.little(UInt32(directory)) + row + lists
            + Bytes.little(UInt16(entries.count)) + table + Bytes.little(UInt32(isEndless ? directory : 0))
    }
}
