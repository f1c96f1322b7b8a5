/// All patches of one file, apart from each other and found quickly for any part of it.
public struct BytePatches: Sendable, Equatable {
    /// Ascending; none is empty.
    private let patches: [BytePatch]

    /// - Parameter patches: of two that overlap, the later counts.
    public init(_ patches: [BytePatch]) {
        let bounds = Self.bounds(of: patches)
        var pieces: [BytePatch] = []
        for (place, owner) in Self.owners(of: bounds, patches).enumerated() {
            guard let owner else { continue }
            let piece = patches[owner].part(bounds[place]..<bounds[place + 1])
            if let joined = pieces.last?.joined(with: piece) { pieces[pieces.count - 1] = joined } else { pieces.append(piece) }
        }
        self.patches = pieces
    }

    /// Whether the file stays as it is.
    public var isEmpty: Bool { patches.isEmpty }

    /// What is replaced, in order.
    public var ranges: [Range<UInt64>] { patches.map { $0.offset..<$0.end } }

    /// Bytes of memory, roughly.
    public var footprint: Int {
        patches.reduce(0) { sum, patch in
            if case .bytes(let bytes) = patch.content { return sum + 96 + bytes.count }
            return sum + 64
        }
    }

    /// Whether a part of the file stays as it is.
    public func isEmpty(in part: Range<UInt64>) -> Bool {
        let index = firstIndex(behind: part.lowerBound)
        return part.isEmpty || index == patches.count || patches[index].offset >= part.upperBound
    }

    /// Changes a part of the file, which may begin and end anywhere: each of its bytes at most once.
    /// - Parameter part: bytes of the file from `offset` on.
    public func apply(to part: UnsafeMutableRawBufferPointer, at offset: UInt64) {
        let end = offset + UInt64(part.count)
        for patch in patches[firstIndex(behind: offset)...] {
            if patch.offset >= end { break }
            patch.apply(to: part, at: offset)
        }
    }

    /// The first that ends behind an offset.
    private func firstIndex(behind offset: UInt64) -> Int {
        Self.firstIndex(in: patches.indices) { patches[$0].end > offset }
    }

    /// Where patches begin and end, ascending, each once.
    private static func bounds(of patches: [BytePatch]) -> [UInt64] {
        var bounds: [UInt64] = []
        for bound in patches.flatMap({ [$0.offset, $0.end] }).sorted() where bounds.last != bound { bounds.append(bound) }
        return bounds
    }

    /// Which patch counts between each bound and the next: from the last on, each takes what is still free.
    private static func owners(of bounds: [UInt64], _ patches: [BytePatch]) -> [Int?] {
        var owners = [Int?](repeating: nil, count: max(bounds.count - 1, 0))
        // From each place, one that is not behind the next free one.
        var hints = Array(0...owners.count)
        func free(from place: Int) -> Int {
            var found = place
            while hints[found] != found { found = hints[found] }
            var passed = place
            while hints[passed] != found {
                let next = hints[passed]
                hints[passed] = found
                passed = next
            }
            return found
        }
        for (index, patch) in patches.enumerated().reversed() {
            var place = free(from: firstIndex(in: bounds.indices) { bounds[$0] >= patch.offset })
            while place < owners.count, bounds[place] < patch.end {
                owners[place] = index
                hints[place] = place + 1
                place = free(from: place + 1)
            }
        }
        return owners
    }

    /// The first index that fulfils what all behind it do; the end when there is none.
    private static func firstIndex(in indices: Range<Int>, where isFound: (Int) -> Bool) -> Int {
        var (low, high) = (indices.lowerBound, indices.upperBound)
        while low < high {
            let middle = (low + high) / 2
            if isFound(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension BytePatch {
    /// Behind the last byte that is replaced.
    fileprivate var end: UInt64 { offset + count }

    /// What it replaces of some of its bytes.
    fileprivate func part(_ range: Range<UInt64>) -> BytePatch {
        switch content {
        case .bytes(let bytes):
            BytePatch(offset: range.lowerBound, content: .bytes(Array(bytes[Int(range.lowerBound - offset)..<Int(range.upperBound - offset)])))
        case .fill(let byte, _): BytePatch(offset: range.lowerBound, content: .fill(byte, count: UInt64(range.count)))
        }
    }

    /// Both as one, when they fill neighbouring bytes alike.
    fileprivate func joined(with next: BytePatch) -> BytePatch? {
        guard case .fill(let byte, let count) = content, case .fill(byte, let more) = next.content, next.offset == end else { return nil }
        return BytePatch(offset: offset, content: .fill(byte, count: count + more))
    }

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
