extension PlaceSearch {
    private enum Marker {
        static let endOfImage: UInt64 = 0xD9
        static let startOfScan: UInt64 = 0xDA
        /// Those without a segment: TEM and the restarts.
        static func isBare(_ marker: UInt64) -> Bool { marker == 0x01 || (0xD0...0xD8).contains(marker) }
    }

    /// JPEG files (ITU-T T.81 annex B) one behind another, as cameras append previews and gain maps (CIPA DC-007); what
    /// follows them and is none goes.
    mutating func searchJPEG() throws {
        var offset: UInt64 = 0
        while try bytes.integer(offset, 3) == 0xFFD8FF {
            offset = try searchOneJPEG(at: offset, before: bytes.size)
            // Some cameras pad the next one to a round address.
            while try bytes.integer(offset, 1) == 0 { offset += 1 }
        }
        try fill(min(offset, bytes.size)..<bytes.size)
    }

    /// - Returns: where it ends.
    mutating func searchOneJPEG(at start: UInt64, before limit: UInt64) throws -> UInt64 {
        var offset = start + 2
        while offset + 2 <= limit {
            guard try bytes.integer(offset, 1) == 0xFF, let marker = try bytes.integer(offset + 1, 1), marker != 0 else {
                offset = try nextMarker(from: offset + 1, before: limit)
                continue
            }
            // Any number of fill bytes may stand in front of a marker.
            if marker == 0xFF { offset += 1; continue }
            try spend()
            if marker == Marker.endOfImage { return offset + 2 }
            if Marker.isBare(marker) { offset += 2; continue }
            guard let length = try bytes.integer(offset + 2, 2) else { return limit }
            guard length >= 2 else { throw Unreadable() }
            let end = min(offset + 2 + length, limit)
            if offset + 4 < end { try searchSegment(marker, offset + 4..<end) }
            offset = marker == Marker.startOfScan ? try nextMarker(from: end, before: limit) : end
        }
        return limit
    }

    /// Past what is no marker: coded data, in which 0xFF is followed by 0 or a restart's number.
    private func nextMarker(from offset: UInt64, before limit: UInt64) throws -> UInt64 {
        var offset = offset
        while let start = try bytes.first([0xFF], from: offset, to: limit) {
            if let marker = try bytes.integer(start + 1, 1), marker != 0, !(0xD0...0xD7).contains(marker) { return start }
            offset = start + 2
        }
        return limit
    }

    /// What segments begin with that are no metadata: without them, pictures look different.
    private static let needed: [UInt64: [String]] = [
        0xE0: ["JFIF\0", "JFXX\0"], 0xE2: ["ICC_PROFILE\0", "MPF\0", "urn:iso:std:iso:ts:21496:"], 0xEE: ["Adobe"],
    ]

    /// Of the application segments, those stay that show how to show the picture; what is left of the others is what is
    /// known to tell no place. JUMBF boxes (ISO/IEC 19566-5) are claims about the file, with what its Exif block says.
    private mutating func searchSegment(_ marker: UInt64, _ range: Range<UInt64>) throws {
        let start = range.lowerBound
        switch marker {
        case 0xE1 where try bytes.has("Exif\0", at: start):
            try searchExif(min(start + 6, range.upperBound)..<range.upperBound)
        case 0xE1 where try bytes.has("http://ns.adobe.com/xap/1.0/\0", at: start):
            try searchXMP(min(start + 29, range.upperBound)..<range.upperBound)
        case 0xED where try bytes.has("Photoshop 3.0\0", at: start):
            try searchImageResources(min(start + 14, range.upperBound)..<range.upperBound)
        case 0xE0...0xEF:
            let isNeeded = try Self.needed[marker]?.contains { try bytes.has($0, at: start) } ?? false
            if !isNeeded { try fill(range) }
        case 0xFE: try searchText(range)
        default: break
        }
    }

    /// A comment: a program's coordinates go, a person's words stay.
    mutating func searchText(_ range: Range<UInt64>) throws {
        let text = String(decoding: try bytes.bytes(range.lowerBound, range.count), as: UTF8.self).lowercased()
        if ["gps", "latitude", "longitude"].contains(where: text.contains) { try fill(range, with: 0x20) }
    }

    /// Photoshop's image resources, of which one may be an Exif block and one an XMP packet; Adobe's other programs sign
    /// theirs with other letters. What follows them and is none goes: the rest of one that was split, for instance.
    mutating func searchImageResources(_ range: Range<UInt64>) throws {
        guard isNew(range, as: .resources) else { return }
        var offset = range.lowerBound
        while offset + 12 <= range.upperBound, try isSignature(at: offset) {
            try spend()
            guard let number = try bytes.integer(offset + 4, 2), let name = try bytes.integer(offset + 6, 1) else { break }
            // A name, its length in front, and both together of even length.
            let start = offset + 6 + ((name + 2) & ~1)
            guard start + 4 <= range.upperBound, let length = try bytes.integer(start, 4) else { break }
            let data = start + 4..<max(start + 4, min(start + 4 + length, range.upperBound))
            if number == 0x0422 || number == 0x0423 { try fill(data) }
            if number == 0x0404 { try searchIPTC(data) }
            if number == 0x0424 { try searchXMP(data) }
            offset = start + 4 + length + length % 2
        }
        if offset < range.upperBound { try clear(offset..<range.upperBound) }
    }

    private func isSignature(at offset: UInt64) throws -> Bool {
        try bytes.bytes(offset, 4).allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & ~0x20) }
    }
}
