/// A dictionary of bounded size that forgets what was not looked at for longest.
struct RecencyMap<Key: Hashable, Value> {
    private struct Entry {
        var value: Value
        var usedAt: UInt64
    }

    private let capacity: Int
    private var entries: [Key: Entry] = [:]
    private var uses: UInt64 = 0

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { entries.count }

    subscript(key: Key) -> Value? {
        mutating get {
            uses += 1
            entries[key]?.usedAt = uses
            return entries[key]?.value
        }
        set {
            uses += 1
            entries[key] = newValue.map { Entry(value: $0, usedAt: uses) }
            if entries.count > capacity { evict() }
        }
    }

    /// A tenth at a time, so that the sort is paid for by many insertions.
    private mutating func evict() {
        let surplus = entries.count - capacity + capacity / 10
        let oldest = entries.sorted { $0.value.usedAt < $1.value.usedAt }.prefix(surplus)
        for (key, _) in oldest { entries[key] = nil }
    }
}
