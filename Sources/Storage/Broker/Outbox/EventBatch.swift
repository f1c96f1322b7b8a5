import Core

/// A stretch of the order of all durable events, with nothing left out.
public struct EventBatch: Sendable, Equatable {
    /// Which history the sequences belong to, as in `OutboxPosition`.
    public var generation: Int64
    /// The sequence before the stretch.
    public var after: Int64
    /// What stands at that sequence where the stretch was read; `nil` when that is not known, or there is nothing. Two batches
    /// that seem to follow each other by their numbers belong to different pasts when this differs.
    public var predecessor: EventDigest?
    /// The last sequence of the stretch.
    public var through: Int64
    /// The stretch's events, oldest first; those of topics that this program does not know are not among them.
    public var events: [PublishedEvent]

    public init(
        generation: Int64, after: Int64, predecessor: EventDigest? = nil, through: Int64, events: [PublishedEvent]
    ) {
        self.generation = generation
        self.after = after
        self.predecessor = predecessor
        self.through = through
        self.events = events
    }

    /// Where the stretch ends.
    public var end: OutboxPosition { OutboxPosition(generation: generation, sequence: through) }
}

extension EventBatch {
    /// - Parameter entries: what follows the mark, oldest first; `nil` when there is nothing.
    init?(after mark: OutboxMark, _ entries: [OutboxEntry]) {
        guard let last = entries.last else { return nil }
        self.init(
            generation: mark.position.generation, after: mark.position.sequence,
            predecessor: mark.event.map(EventDigest.init), through: last.sequence, events: entries.compactMap(\.published))
    }
}
