import Core

/// A stretch of the order of all durable events, with nothing left out.
public struct EventBatch: Sendable, Equatable {
    /// Which history the sequences belong to, as in `OutboxPosition`.
    public var generation: Int64
    /// The sequence before the stretch.
    public var after: Int64
    /// The last sequence of the stretch.
    public var through: Int64
    /// The stretch's events, oldest first; those of topics that this program does not know are not among them.
    public var events: [PublishedEvent]

    public init(generation: Int64, after: Int64, through: Int64, events: [PublishedEvent]) {
        self.generation = generation
        self.after = after
        self.through = through
        self.events = events
    }

    /// Where the stretch ends.
    public var end: OutboxPosition { OutboxPosition(generation: generation, sequence: through) }
}

extension EventBatch {
    /// - Parameter entries: what follows the position, oldest first; `nil` when there is nothing.
    init?(after position: OutboxPosition, _ entries: [OutboxEntry]) {
        guard let last = entries.last else { return nil }
        self.init(
            generation: position.generation, after: position.sequence, through: last.sequence,
            events: entries.compactMap(\.published))
    }
}
