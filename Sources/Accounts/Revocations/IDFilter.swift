import Core

/// Ids in a room of fixed size, however many: none that was put in is ever missed, but some others are taken for one of them
/// (a Bloom filter).
struct IDFilter: Sendable {
    private static let probes: UInt64 = 6

    private var words: [UInt64]
    private let mask: UInt64
    /// When the last token that names one of them has expired.
    private(set) var until: Timestamp

    /// - Parameter bits: a power of two, 64 at least. Of 16 for each id it takes one other in a thousand for one of them, of 8 one in
    ///   fifty.
    init(bits: Int) {
        words = Array(repeating: 0, count: bits / 64)
        mask = UInt64(bits - 1)
        until = Timestamp(milliseconds: .min)
    }

    func contains(_ id: CompactID) -> Bool {
        let (start, step) = Self.course(of: id)
        return (0..<Self.probes).allSatisfy { number in
            let place = (start &+ number &* step) & mask
            return words[Int(place >> 6)] & (1 << (place & 63)) != 0
        }
    }

    mutating func insert(_ id: CompactID, until end: Timestamp) {
        let (start, step) = Self.course(of: id)
        for number in 0..<Self.probes {
            let place = (start &+ number &* step) & mask
            words[Int(place >> 6)] |= 1 << (place & 63)
        }
        until = max(until, end)
    }

    private static func course(of id: CompactID) -> (start: UInt64, step: UInt64) {
        var hasher = Hasher()
        hasher.combine(id)
        let hash = UInt64(bitPattern: Int64(hasher.finalize()))
        return (hash, hash >> 32 | 1)
    }
}
