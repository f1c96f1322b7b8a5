/// The end marker of a JPEG (ITU-T T.81 annex B).
enum JPEGEnd {
    private static let chunk = 256 << 10
    /// Headers are read by blocks of this size: most are shorter, and some writers fill the room between with thousands of bytes.
    private static let block = 16 << 10

    /// Whether the picture's end has been written. Other data may follow it: previews, a short film.
    static func isThere(_ size: Int64, _ read: Wholeness.Reader) throws -> Bool {
        guard let scan = try firstScan(size, read) else { return false }
        if size - 2 > scan, try read(size - 2, 2) == [0xFF, 0xD9] { return true }
        return try contains(from: scan, size, read)
    }

    /// Where the header of the first scan begins; the thumbnail in the segments before it has an end of its own.
    private static func firstScan(_ size: Int64, _ read: Wholeness.Reader) throws -> Int64? {
        var (offset, start, bytes): (Int64, Int64, [UInt8]) = (2, 2, [])
        while offset + 4 <= size {
            if offset + 4 > start + Int64(bytes.count) { (start, bytes) = (offset, try read(offset, block)) }
            let at = Int(offset - start)
            guard at + 4 <= bytes.count, bytes[at] == 0xFF else { return nil }
            if bytes[at + 1] == 0xFF {
                offset += 1
            } else if bytes[at + 1] == 0xDA {
                return offset
            } else {
                offset += 2 + max(2, Int64(bytes[at + 2]) << 8 | Int64(bytes[at + 3]))
            }
        }
        return nil
    }

    /// In the data of a scan 0xFF is followed by 0 or a marker, so the two bytes can be nothing else.
    private static func contains(from start: Int64, _ size: Int64, _ read: Wholeness.Reader) throws -> Bool {
        var offset = start
        var last: UInt8 = 0
        while offset < size {
            let bytes = try read(offset, chunk)
            if bytes.isEmpty { return false }
            for byte in bytes {
                if last == 0xFF && byte == 0xD9 { return true }
                last = byte
            }
            offset += Int64(bytes.count)
        }
        return false
    }
}
