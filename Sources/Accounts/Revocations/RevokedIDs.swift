import Core

/// Ids that no longer open anything, each for as long as a token could still name it.
struct RevokedIDs<Subject>: Sendable {
    private let capacity: Int
    private var entries: [Identifier<Subject>: Timestamp] = [:]

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { entries.count }

    func contains(_ id: Identifier<Subject>) -> Bool { entries[id] != nil }

    /// - Parameter until: when the last token that names it has expired.
    mutating func insert(_ id: Identifier<Subject>, until: Timestamp) {
        entries[id] = until
        if entries.count > capacity { evict() }
    }

    mutating func removeExpired(at time: Timestamp) {
        entries = entries.filter { $0.value > time }
    }

    /// What expires soonest does the least harm; a tenth at a time, so that the sort is paid for by many insertions.
    private mutating func evict() {
        let surplus = entries.count - capacity + capacity / 10
        for (id, _) in entries.sorted(by: { $0.value < $1.value }).prefix(surplus) { entries[id] = nil }
    }
}
