/// A file read here and there, a window at a time, and only so much of it: small files can refer to the same bytes again
/// and again.
final class MediaBytes {
    /// More would have to be read than there is time for.
    struct Exhausted: Error {}

    /// Bytes.
    let size: UInt64
    private let isLate: () -> Bool
    /// Bytes that may still be read or looked at.
    private var budget: UInt64
    /// Bytes looked at since the time was.
    private var unwatched: UInt64 = 0
    private let source: (UInt64, Int) throws -> [UInt8]
    private var window: (start: UInt64, bytes: [UInt8]) = (0, [])

    /// Bytes read at once.
    private static let windowLength = 1 << 16

    /// Bytes looked at between two looks at the time.
    private static let stride: UInt64 = 1 << 20
    /// What may be read of each file, and what of the largest: pictures are read twice at most, of films the index.
    private static let (leastBudget, mostBudget): (UInt64, UInt64) = (64 << 20, 2 << 30)

    /// - Parameters:
    ///   - isLate: whether it is time to give up.
    ///   - read: gives up to `count` bytes at an offset; fewer only at the end.
    init(
        size: UInt64, isLate: @escaping () -> Bool = { false }, read: @escaping (_ offset: UInt64, _ count: Int) throws -> [UInt8]
    ) {
        self.size = size
        self.isLate = isLate
        budget = Self.leastBudget + 4 * min(size, (Self.mostBudget - Self.leastBudget) / 4)
        self.source = read
    }

    /// Up to `count` bytes from an offset; fewer at the end of the file.
    func bytes(_ offset: UInt64, _ count: Int) throws -> [UInt8] {
        guard offset < size else { return [] }
        let count = Int(min(UInt64(count), size - offset))
        if count > Self.windowLength { return try load(offset, count) }
        if !holds(offset, count) { window = (offset, try load(offset, Int(min(UInt64(Self.windowLength), size - offset)))) }
        try spend(count)
        return Array(window.bytes.dropFirst(Int(offset - window.start)).prefix(count))
    }

    /// A whole number of 1 to 8 bytes; `nil` when the file ends before.
    func integer(_ offset: UInt64, _ width: Int, isBigEndian: Bool = true) throws -> UInt64? {
        guard offset < size, size - offset >= UInt64(width) else { return nil }
        if !holds(offset, width) { _ = try bytes(offset, width) }
        guard holds(offset, width) else { return nil }
        try spend(width)
        let start = Int(offset - window.start)
        let digits = window.bytes[start..<(start + width)]
        return (isBigEndian ? digits.reduce(0) { $0 << 8 | UInt64($1) } : digits.reversed().reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// Whether a text stands there.
    func has(_ text: String, at offset: UInt64) throws -> Bool { try bytes(offset, text.utf8.count).elementsEqual(text.utf8) }

    /// The first place from an offset on, before `end`, at which `word` stands; `nil` when there is none.
    func first(_ word: [UInt8], from offset: UInt64, to end: UInt64) throws -> UInt64? {
        var offset = offset
        while offset + UInt64(word.count) <= min(end, size) {
            if !holds(offset, word.count) { _ = try bytes(offset, word.count) }
            guard holds(offset, word.count) else { return nil }
            let first = Int(offset - window.start)
            let index = Self.index(of: word, in: window.bytes, from: first)
            try spend((index ?? window.bytes.count) - first)
            if let index {
                let found = window.start + UInt64(index)
                return found + UInt64(word.count) <= end ? found : nil
            }
            offset = window.start + UInt64(window.bytes.count - word.count + 1)
        }
        return nil
    }

    private static func index(of word: [UInt8], in part: [UInt8], from first: Int) -> Int? {
        part.withUnsafeBufferPointer { part in
            var index = first
            while index + word.count <= part.count {
                if part[index] == word[0] && (1..<word.count).allSatisfy({ part[index + $0] == word[$0] }) { return index }
                index += 1
            }
            return nil
        }
    }

    private func load(_ offset: UInt64, _ count: Int) throws -> [UInt8] {
        try spend(count)
        if isLate() { throw Exhausted() }
        return try source(offset, count)
    }

    private func spend(_ count: Int) throws {
        guard budget >= UInt64(count) else { throw Exhausted() }
        budget -= UInt64(count)
        unwatched += UInt64(count)
        guard unwatched >= Self.stride else { return }
        unwatched = 0
        if isLate() { throw Exhausted() }
    }

    private func holds(_ offset: UInt64, _ count: Int) -> Bool {
        offset >= window.start && offset + UInt64(count) <= window.start + UInt64(window.bytes.count)
    }
}
