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
        let sequence: Int64
        let at: Timestamp
    }

    /// The sequence up to which the oldest entries can go; `nil` when none can.
    ///
    /// What is not published stays, and the newest always does: the next sequence is counted from it, and clients'
    /// offsets must never come twice.
    func cut(_ oldest: [Entry], newest: Int64, published: Int64, now: Timestamp) -> Int64? {
        oldest.prefix { entry in
            entry.sequence < newest && entry.sequence <= published
                && (entry.at < now - age || entry.sequence <= newest - count)
        }.last?.sequence
    }
}
