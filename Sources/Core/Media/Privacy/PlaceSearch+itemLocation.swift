extension PlaceSearch {
    /// Where items lie (the box `iloc`, ISO/IEC 14496-12 section 8.11.3).
    /// - Throws: `Unreadable` when one of these lies within another item, or the box is of no known form.
    mutating func extents(_ box: Box, data: Box?, of wanted: Set<UInt64>) throws -> [UInt64: [Range<UInt64>]] {
        var reader = FieldReader(bytes: bytes, range: box.content)
        let version = try reader.integer(1)
        guard version <= 2 else { throw Unreadable() }
        _ = try reader.integer(3)
        let sizes = try reader.integer(2)
        let (offsetSize, lengthSize, baseSize) = (Int(sizes >> 12), Int(sizes >> 8 & 15), Int(sizes >> 4 & 15))
        let indexSize = version == 0 ? 0 : Int(sizes & 15)
        var found: [UInt64: [Range<UInt64>]] = [:]
        for _ in 0..<(try reader.integer(version < 2 ? 2 : 4)) {
            try spend()
            let item = try reader.integer(version < 2 ? 2 : 4)
            let method = version == 0 ? 0 : try reader.integer(2) & 15
            let reference = try reader.integer(2)
            let base = try reader.integer(baseSize)
            var extents: [Range<UInt64>] = []
            for _ in 0..<(try reader.integer(2)) {
                try spend()
                _ = try reader.integer(indexSize)
                let (offset, length) = (try reader.integer(offsetSize), try reader.integer(lengthSize))
                guard wanted.contains(item) else { continue }
                extents.append(try place(offset, base, length, method, reference, data))
            }
            if wanted.contains(item) { found[item] = extents }
        }
        return found
    }

    /// An extent within the file; a length of 0 means all there is.
    private func place(
        _ offset: UInt64, _ base: UInt64, _ length: UInt64, _ method: UInt64, _ reference: UInt64, _ data: Box?
    ) throws -> Range<UInt64> {
        let room: Range<UInt64>
        switch (method, data) {
        case (0, _) where reference == 0: room = 0..<bytes.size
        case (1, let data?): room = data.content
        default: throw Unreadable()
        }
        let (start, isTooFar) = base.addingReportingOverflow(offset)
        guard !isTooFar, start <= UInt64(room.count) else { return room.upperBound..<room.upperBound }
        let rest = UInt64(room.count) - start
        return room.lowerBound + start..<room.lowerBound + start + (length == 0 ? rest : min(length, rest))
    }
}

/// Reads numbers one after another.
private struct FieldReader {
    let bytes: MediaBytes
    var range: Range<UInt64>

    /// - Parameter width: bytes; 0 stands for the number 0.
    /// - Throws: `PlaceSearch.Unreadable` at the end.
    mutating func integer(_ width: Int) throws -> UInt64 {
        if width == 0 { return 0 }
        guard width <= 8, range.count >= width, let value = try bytes.integer(range.lowerBound, width) else {
            throw PlaceSearch.Unreadable()
        }
        range = range.lowerBound + UInt64(width)..<range.upperBound
        return value
    }
}
