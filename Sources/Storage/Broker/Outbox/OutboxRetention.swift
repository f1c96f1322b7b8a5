import Core

/// How long the history of events is kept: until it is too old or too long.
public struct OutboxRetention: Sendable {
    public var age: Duration
    /// Events over all topics.
    public var count: Int64

    public init(age: Duration = .seconds(7 * 86_400), count: Int64 = 100_000) {
        self.age = age
        self.count = count
    }

    struct Entry: Sendable {
        let id: Int64
        let at: Timestamp
    }

    /// The id up to which the oldest entries can go; `nil` when none can.
    ///
    /// What is not published stays, and the newest always does: SQLite gives an id out again when it was the highest
    /// and is gone, and clients' offsets must never come twice.
    func cut(_ oldest: [Entry], newest: Int64, published: Int64, now: Timestamp) -> Int64? {
        oldest.prefix { entry in
            entry.id < newest && entry.id <= published && (entry.at < now - age || entry.id <= newest - count)
        }.last?.id
    }
}
