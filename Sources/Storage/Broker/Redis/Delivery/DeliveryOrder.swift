import Core

/// Lets every durable event through once and in order, from whichever side it comes. A pure value.
///
/// Sequences have no holes, so what is missing shows: messages that leave something out are put aside, and the database
/// is read instead.
struct DeliveryOrder: Sendable {
    /// Everything up to here has been delivered.
    private(set) var delivered: Int64
    /// The latest that was heard of.
    private var known: Int64

    init(delivered: Int64) {
        self.delivered = delivered
        self.known = delivered
    }

    /// Whether the database holds events that should have been delivered.
    var isBehind: Bool { known > delivered }

    /// What was heard of by now; goes into `caughtUp` when a look into the database is over.
    var horizon: Int64 { known }

    /// Takes a batch from another node or our own relay; what of it is to be delivered now.
    mutating func received(_ batch: EventBatch) -> [PublishedEvent] {
        known = max(known, batch.through)
        guard batch.after <= delivered, batch.through > delivered else { return [] }
        return deliver(batch)
    }

    /// Somebody says that there is more.
    mutating func heard(through sequence: Int64) { known = max(known, sequence) }

    /// Takes a batch from the database, which has everything there is after `batch.after`, unless it is pruned.
    /// - Returns: what is to be delivered now, and whether events before it are lost.
    mutating func read(_ batch: EventBatch, first: Int64) -> (due: [PublishedEvent], isLoss: Bool) {
        guard batch.through > delivered else { return ([], false) }
        let isLoss = first > delivered + 1
        return (deliver(batch), isLoss)
    }

    /// The database had nothing more. What it does not have although it was heard of before the look does not exist.
    mutating func caughtUp(_ horizon: Int64) { if known <= horizon { known = delivered } }

    private mutating func deliver(_ batch: EventBatch) -> [PublishedEvent] {
        let due = batch.events.filter { $0.offset > delivered }
        delivered = batch.through
        known = max(known, delivered)
        return due
    }
}
