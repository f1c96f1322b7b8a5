/// The files of an archive in their order, packed: 36 bytes each besides the name, in a few pieces of memory for all.
struct ArchiveTable: Sendable {
    /// Bytes of each file's record, besides its name.
    static let recordLength = 36

    private var names: [UInt8] = []
    /// Behind each file's name.
    private var nameEnds: [UInt32] = []
    private var sizes: [Int64] = []
    private var checksums: [UInt32] = []
    /// Seconds since 1970.
    private var times: [UInt32] = []
    /// Where each file's local header begins; the last is behind all files.
    private(set) var starts: [Int64] = [0]
    /// Where each file's directory header begins, counted from the directory's start; the last is its length.
    private(set) var headerStarts: [Int64] = [0]

    var count: Int { sizes.count }

    /// - Parameter name: at most 65535 bytes of UTF-8.
    mutating func append(name: String, size: Int64, crc32: UInt32, modifiedAt: Timestamp) {
        names += name.utf8
        nameEnds.append(UInt32(names.count))
        sizes.append(size)
        checksums.append(crc32)
        times.append(UInt32(clamping: modifiedAt.milliseconds / 1000))
        let record = self[count - 1]
        starts.append(record.offset + Int64(record.localLength) + size)
        headerStarts.append(headerStarts[count - 1] + Int64(record.directoryLength))
    }

    subscript(index: Int) -> ArchiveRecord {
        let nameStart = index == 0 ? 0 : Int(nameEnds[index - 1])
        return ArchiveRecord(
            name: names[nameStart..<Int(nameEnds[index])], size: sizes[index], crc32: checksums[index], time: times[index],
            offset: starts[index])
    }

    /// Bytes of memory.
    var footprint: Int {
        names.capacity + 4 * (nameEnds.capacity + checksums.capacity + times.capacity)
            + 8 * (sizes.capacity + starts.capacity + headerStarts.capacity)
    }

    /// The same without room to grow.
    var trimmed: ArchiveTable {
        var table = ArchiveTable()
        (table.names, table.nameEnds, table.sizes) = (names.trimmed, nameEnds.trimmed, sizes.trimmed)
        (table.checksums, table.times) = (checksums.trimmed, times.trimmed)
        (table.starts, table.headerStarts) = (starts.trimmed, headerStarts.trimmed)
        return table
    }

    /// The last of some ascending numbers that is not beyond a position.
    static func index(of position: Int64, in starts: [Int64], count: Int) -> Int {
        var (low, high) = (0, count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if starts[middle] <= position { low = middle } else { high = middle - 1 }
        }
        return low
    }
}

extension Array {
    /// The same elements in as much memory as they need.
    var trimmed: [Element] {
        [Element](unsafeUninitializedCapacity: count) { space, filled in
            _ = space.initialize(from: self)
            filled = count
        }
    }
}
