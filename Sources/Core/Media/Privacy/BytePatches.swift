/// All patches of one file, found quickly for any part of it.
public struct BytePatches: Sendable, Equatable {
    /// In the order in which they count: of two that overlap, the later does.
    private let patches: [BytePatch]
    /// Their numbers, by where they begin.
    private let order: [Int]
    /// Up to each place of that order, the furthest end.
    private let reach: [UInt64]

    /// - Parameter patches: of two that overlap, the later counts.
    public init(_ patches: [BytePatch]) {
        let order = patches.indices.sorted { (patches[$0].offset, $0) < (patches[$1].offset, $1) }
        var furthest: UInt64 = 0
        reach = order.map { index in
            furthest = max(furthest, patches[index].end)
            return furthest
        }
        self.patches = patches
        self.order = order
    }

    /// Whether the file stays as it is.
    public var isEmpty: Bool { patches.isEmpty }

    /// Bytes of memory, roughly.
    public var footprint: Int {
        patches.reduce(0) { sum, patch in
            if case .bytes(let bytes) = patch.content { return sum + 96 + bytes.count }
            return sum + 64
        }
    }

    /// Changes a part of the file, which may begin and end anywhere.
    /// - Parameter part: bytes of the file from `offset` on.
    public func apply(to part: UnsafeMutableRawBufferPointer, at offset: UInt64) {
        let end = offset + UInt64(part.count)
        var touched: [Int] = []
        for place in firstPlace(beyond: offset)..<order.count {
            let patch = patches[order[place]]
            if patch.offset >= end { break }
            if patch.end > offset { touched.append(order[place]) }
        }
        for index in touched.sorted() { patches[index].apply(to: part, at: offset) }
    }

    /// Where those begin of which one may end behind an offset.
    private func firstPlace(beyond offset: UInt64) -> Int {
        var (low, high) = (0, reach.count)
        while low < high {
            let middle = (low + high) / 2
            if reach[middle] > offset { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension BytePatch {
    /// Behind the last byte that is replaced.
    var end: UInt64 { offset + count }

    /// Changes a part of a file, which may begin and end anywhere.
    fileprivate func apply(to part: UnsafeMutableRawBufferPointer, at offset: UInt64) {
        let (start, end) = (max(self.offset, offset), min(self.end, offset + UInt64(part.count)))
        guard start < end else { return }
        let target = UnsafeMutableRawBufferPointer(rebasing: part[Int(start - offset)..<Int(end - offset)])
        switch content {
        case .bytes(let bytes): target.copyBytes(from: bytes[Int(start - self.offset)..<Int(end - self.offset)])
        case .fill(let byte, _): target.initializeMemory(as: UInt8.self, repeating: byte)
        }
    }
}
