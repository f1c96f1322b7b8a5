import Core

/// Ids that no longer open anything, each for as long as a token could still name it.
///
/// None is forgotten sooner. Those that find no room are kept all together in a filter: it refuses, with them, a few that were never
/// taken back, which is better than to let in one that was.
struct RevokedIDs: Sendable {
    private let capacity: Int
    private let filterBits: Int
    /// Seconds since 1970, rounded up.
    private var entries: [CompactID: UInt32] = [:]
    private var surplus: IDFilter?

    /// - Parameters:
    ///   - capacity: ids that are kept one by one.
    ///   - filterBits: room for all others, a power of two; taken when there are some.
    init(capacity: Int, filterBits: Int) {
        self.capacity = capacity
        self.filterBits = filterBits
    }

    var count: Int { entries.count }
    /// Whether some that were never taken back may be refused.
    var isOverfull: Bool { surplus != nil }

    func contains(_ id: CompactID) -> Bool { entries[id] != nil || surplus?.contains(id) ?? false }

    /// - Parameter until: when the last token that names it has expired.
    mutating func insert(_ id: CompactID, until: Timestamp) {
        if entries.count < capacity || entries[id] != nil {
            entries[id] = Self.seconds(until)
        } else {
            surplus = surplus ?? IDFilter(bits: filterBits)
            surplus?.insert(id, until: until)
        }
    }

    mutating func removeExpired(at time: Timestamp) {
        let now = time.milliseconds / 1000
        if entries.contains(where: { $0.value <= now }) { entries = entries.filter { $0.value > now } }
        if let last = surplus?.until, last <= time { surplus = nil }
    }

    private static func seconds(_ time: Timestamp) -> UInt32 { UInt32(clamping: time.milliseconds / 1000 + 1) }
}
