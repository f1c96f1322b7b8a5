/// The end marker of a JPEG (ITU-T T.81 annex B).
enum JPEGEnd {
    private static let chunk = 256 << 10

    /// Whether the picture's end has been written. Other data may follow it: previews, a short film.
    static func isThere(_ size: Int64, _ read: Wholeness.Reader) throws -> Bool {
        guard let scan = try firstScan(size, read) else { return false }
        if size - 2 > scan, try read(size - 2, 2) == [0xFF, 0xD9] { return true }
        return try contains(from: scan, size, read)
    }

    /// Where the header of the first scan begins; the thumbnail in the segments before it has an end of its own.
    private static func firstScan(_ size: Int64, _ read: Wholeness.Reader) throws -> Int64? {
        var offset: Int64 = 2
        while offset + 4 <= size {
            let head = try read(offset, 4)
            guard head.count == 4, head[0] == 0xFF else { return nil }
            if head[1] == 0xFF {
                offset += 1
            } else if head[1] == 0xDA {
                return offset
            } else {
                offset += 2 + max(2, Int64(head[2]) << 8 | Int64(head[3]))
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
