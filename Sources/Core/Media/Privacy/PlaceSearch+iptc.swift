extension PlaceSearch {
    /// Data sets of the application record that name a place: content location code and name, city, sublocation, province,
    /// country code and name.
    private static let places: Set<UInt64> = [26, 27, 90, 92, 95, 100, 101]

    /// IPTC's Information Interchange Model (version 4.2, section 1.6): data sets one after another. What follows them and is
    /// none goes.
    mutating func searchIPTC(_ range: Range<UInt64>) throws {
        guard isNew(range, as: .dataSets) else { return }
        var offset = range.lowerBound
        while offset + 5 <= range.upperBound, try bytes.integer(offset, 1) == 0x1C {
            try spend()
            guard let name = try bytes.integer(offset + 1, 2), var length = try bytes.integer(offset + 3, 2) else { break }
            offset += 5
            if length & 0x8000 != 0 {
                // As many bytes of length follow.
                let width = length & 0x7FFF
                guard (1...8).contains(width), let long = try bytes.integer(offset, Int(width)), long <= UInt64(range.count) else {
                    return try fill(offset..<max(offset, range.upperBound), with: 0x20)
                }
                (length, offset) = (long, offset + width)
            }
            let end = min(offset + length, range.upperBound)
            if name >> 8 == 2, Self.places.contains(name & 0xFF), offset < end { try fill(offset..<end, with: 0x20) }
            offset = max(offset, end)
        }
        if offset < range.upperBound { try clear(offset..<range.upperBound) }
    }
}
