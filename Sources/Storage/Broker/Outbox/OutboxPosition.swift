import Core

/// A place in the order of all durable events.
public struct OutboxPosition: Sendable, Hashable, Comparable {
    /// Which history the sequence belongs to: 0 for the first, a greater one whenever the database was found to have gone
    /// back in time, as after a fail-over to a standby that lagged. Sequences start again then from where the database is.
    public var generation: Int64
    public var sequence: Int64

    public init(generation: Int64, sequence: Int64) {
        self.generation = generation
        self.sequence = sequence
    }

    /// Every place in a later history comes after every place in an earlier one.
    public static func < (left: Self, right: Self) -> Bool {
        (left.generation, left.sequence) < (right.generation, right.sequence)
    }

    /// The name that clients know the history by. That of the first is the house's own.
    func epoch(of house: String) -> String { generation == 0 ? house : "\(house).\(generation)" }
}

/// How far somebody came, and what was there: enough to tell whether the database still holds the same.
struct OutboxMark: Sendable, Equatable {
    var position: OutboxPosition
    /// The event at the position; `nil` when it is not known, or there is none.
    var event: PublishedEvent?
}

extension OutboxMark {
    /// The end of a batch.
    init(_ batch: EventBatch) {
        let last = batch.events.last
        self.init(position: batch.end, event: last?.offset == batch.through ? last : nil)
    }
}
