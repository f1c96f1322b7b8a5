import Core

/// Lets every durable event through once and in order, from whichever side it comes. A pure value.
///
/// Sequences have no holes, so what is missing shows: messages that leave something out are put aside, and the database
/// is read instead. So are those of a later history; those of an earlier one are over.
struct DeliveryOrder: Sendable {
    /// Everything up to here has been delivered.
    private(set) var mark: OutboxMark
    /// The latest that was heard of.
    private var known: OutboxPosition

    init(from mark: OutboxMark) {
        self.mark = mark
        self.known = mark.position
    }

    var delivered: OutboxPosition { mark.position }

    /// Whether the database holds events that should have been delivered, or a later history.
    var isBehind: Bool { known > delivered }

    /// What was heard of by now; goes into `caughtUp` when a look into the database is over.
    var horizon: OutboxPosition { known }

    /// Takes a batch from another node or our own relay; what of it is to be delivered now.
    mutating func received(_ batch: EventBatch) -> [PublishedEvent] {
        known = max(known, batch.end)
        guard batch.generation == delivered.generation, batch.after <= delivered.sequence, batch.end > delivered else {
            return []
        }
        return deliver(batch)
    }

    /// Somebody says that there is more.
    mutating func heard(through position: OutboxPosition) { known = max(known, position) }

    /// Takes a batch from the database, which has everything there is after `batch.after`, unless it is pruned.
    /// - Returns: what is to be delivered now, and whether events before it are lost.
    mutating func read(_ batch: EventBatch, first: Int64) -> (due: [PublishedEvent], isLoss: Bool) {
        guard batch.generation == delivered.generation, batch.end > delivered else { return ([], false) }
        let isLoss = first > delivered.sequence + 1
        return (deliver(batch), isLoss)
    }

    /// The database had nothing more. What it does not have although it was heard of before the look does not exist.
    mutating func caughtUp(_ horizon: OutboxPosition) { if known <= horizon { known = delivered } }

    /// A later history goes on from that mark; whether that is news.
    mutating func restarted(at mark: OutboxMark) -> Bool {
        guard mark.position.generation > delivered.generation else { return false }
        self.mark = mark
        known = max(known, delivered)
        return true
    }

    private mutating func deliver(_ batch: EventBatch) -> [PublishedEvent] {
        let due = batch.events.filter { $0.offset > delivered.sequence }
        mark = OutboxMark(batch)
        known = max(known, delivered)
        return due
    }
}
