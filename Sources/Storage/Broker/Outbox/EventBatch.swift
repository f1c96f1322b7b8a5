import Core

/// A stretch of the order of all durable events, with nothing left out.
public struct EventBatch: Sendable, Equatable {
    /// The sequence before the stretch.
    public var after: Int64
    /// The last sequence of the stretch.
    public var through: Int64
    /// The stretch's events, oldest first; those of topics that this program does not know are not among them.
    public var events: [PublishedEvent]

    public init(after: Int64, through: Int64, events: [PublishedEvent]) {
        self.after = after
        self.through = through
        self.events = events
    }
}

extension EventBatch {
    /// - Parameter entries: what follows `after`, oldest first; `nil` when there is nothing.
    init?(after: Int64, _ entries: [OutboxEntry]) {
        guard let last = entries.last else { return nil }
        self.init(after: after, through: last.sequence, events: entries.compactMap(\.published))
    }
}
