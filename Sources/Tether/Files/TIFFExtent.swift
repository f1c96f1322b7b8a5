/// How far the pictures of a TIFF, and of the RAW formats that are made like one, reach into the file (TIFF 6.0 section 2).
struct TIFFExtent {
    enum Order { case little, big }

    private let size: Int64
    private let order: Order
    private let read: Wholeness.Reader
    private static let maxDirectories = 32
    private static let maxEntries = 512
    /// Strips, tiles and embedded JPEGs: the tags of their offsets and of their lengths.
    private static let extents: [Int: Int] = [273: 279, 324: 325, 513: 514]
    private static let subdirectories = 330

    init(_ size: Int64, _ order: Order, _ read: @escaping Wholeness.Reader) {
        self.size = size
        self.order = order
        self.read = read
    }

    /// The byte order, if the file begins like one of these formats (TIFF, and the variants of Panasonic and Olympus).
    static func order(_ head: [UInt8]) -> Order? {
        guard head.count >= 8 else { return nil }
        switch Array(head[0..<4]) {
        case [0x49, 0x49, 0x2A, 0], [0x49, 0x49, 0x55, 0], [0x49, 0x49, 0x52, 0x4F], [0x49, 0x49, 0x52, 0x53]: return .little
        case [0x4D, 0x4D, 0, 0x2A]: return .big
        default: return nil
        }
    }

    /// Whether everything that the directories point at lies within the file.
    func isInside(_ head: [UInt8]) throws -> Bool {
        var waiting = [number(head[4..<8])]
        var seen: Set<Int64> = []
        while let offset = waiting.popLast(), seen.count < Self.maxDirectories {
            guard offset != 0, seen.insert(offset).inserted else { continue }
            guard let directory = try directory(at: offset), directory.isInside else { return false }
            waiting += directory.next
        }
        return true
    }

    private struct Directory {
        var isInside = true
        var next: [Int64] = []
    }

    /// - Returns: `nil` when the directory itself lies beyond the end.
    private func directory(at offset: Int64) throws -> Directory? {
        let count = try read(offset, 2)
        guard count.count == 2 else { return nil }
        let entries = Int(number(count[0..<2]))
        guard entries <= Self.maxEntries else { return Directory() }
        let bytes = try read(offset + 2, entries * 12 + 4)
        guard bytes.count == entries * 12 + 4 else { return nil }
        var values: [Int: [Int64]] = [:]
        for start in stride(from: 0, to: entries * 12, by: 12) {
            let tag = Int(number(bytes[start..<start + 2]))
            guard tag == Self.subdirectories || Self.extents.contains(where: { $0 == tag || $1 == tag }) else { continue }
            guard let found = try self.values(of: Array(bytes[start..<start + 12])) else { return nil }
            values[tag] = found
        }
        let next = number(bytes[(entries * 12)...])
        return Directory(isInside: isInside(values), next: (values[Self.subdirectories] ?? []) + [next])
    }

    private func isInside(_ values: [Int: [Int64]]) -> Bool {
        Self.extents.allSatisfy { offsets, lengths in
            zip(values[offsets] ?? [], values[lengths] ?? []).allSatisfy { $0 + $1 <= size }
        }
    }

    /// - Returns: `nil` when they lie beyond the end; none when they are no whole numbers or too many to look at.
    private func values(of entry: [UInt8]) throws -> [Int64]? {
        let width = [3: 2, 4: 4, 13: 4][Int(number(entry[2..<4]))] ?? 0
        let count = Int(number(entry[4..<8]))
        guard width > 0, count <= 65_536 else { return [] }
        var bytes = Array(entry[8..<12])
        if width * count > 4 { bytes = try read(number(entry[8..<12]), width * count) }
        guard bytes.count >= width * count else { return nil }
        return (0..<count).map { number(bytes[$0 * width..<($0 + 1) * width]) }
    }

    private func number(_ bytes: ArraySlice<UInt8>) -> Int64 {
        Int64(order == .big ? Bytes.big(bytes) : Bytes.little(bytes))
    }
}
