import Core

/// Lets every durable event through once and in order, from whichever side it comes. A pure value.
///
/// Sequences have no holes, so what is missing shows: messages that leave something out are put aside, and the database
/// is read instead. So are those of a later history; those of an earlier one are over.
///
/// Numbers alone do not show that the database has gone back in time and given some out again, as long as nobody has begun a
/// new history: a relay that goes on from there makes batches that seem to follow. So what is known to stand at our mark is
/// compared as well, and where it is another event the batch is put aside, and the database has to say which one is there.
struct DeliveryOrder: Sendable {
    /// Everything up to here has been delivered.
    private(set) var mark: OutboxMark
    /// The latest that was heard of.
    private var known: OutboxPosition
    /// How often somebody told of another past than ours, and how often that has been looked into.
    private var doubts = 0
    private var settledDoubts = 0

    /// What a look into the database will have answered.
    struct Horizon: Sendable, Equatable {
        fileprivate var position: OutboxPosition
        fileprivate var doubts: Int
    }

    init(from mark: OutboxMark) {
        self.mark = mark
        self.known = mark.position
    }

    var delivered: OutboxPosition { mark.position }

    /// Whether the database holds events that should have been delivered, or another past.
    var isBehind: Bool { known > delivered || doubts > settledDoubts }

    /// What was heard of by now; goes into `caughtUp` when a look into the database is over.
    var horizon: Horizon { Horizon(position: known, doubts: doubts) }

    /// Takes a batch from another node or our own relay; what of it is to be delivered now.
    mutating func received(_ batch: EventBatch) -> [PublishedEvent] {
        known = max(known, batch.end)
        guard batch.generation == delivered.generation, batch.after <= delivered.sequence,
            agrees(batch, first: batch.after + 1), batch.end > delivered
        else { return [] }
        return deliver(batch)
    }

    /// Somebody says that there is more.
    mutating func heard(through position: OutboxPosition) { known = max(known, position) }

    /// Takes a batch from the database, which has everything there is after `batch.after`, unless it is pruned.
    /// - Returns: what is to be delivered now, and whether events before it are lost.
    mutating func read(_ batch: EventBatch, first: Int64) -> (due: [PublishedEvent], isLoss: Bool) {
        guard batch.generation == delivered.generation, agrees(batch, first: first), batch.end > delivered else {
            return ([], false)
        }
        let isLoss = first > delivered.sequence + 1
        return (deliver(batch), isLoss)
    }

    /// The database had nothing more. What it does not have although it was heard of before the look does not exist.
    mutating func caughtUp(_ horizon: Horizon) {
        if known <= horizon.position { known = delivered }
        settledDoubts = max(settledDoubts, horizon.doubts)
    }

    /// A later history goes on from that mark; whether that is news.
    mutating func restarted(at mark: OutboxMark) -> Bool {
        guard mark.position.generation > delivered.generation else { return false }
        self.mark = mark
        known = max(known, delivered)
        return true
    }

    /// Whether a batch that reaches our mark has the same event there, as far as both sides know. If not, that is a doubt.
    /// - Parameter first: the sequence from which on the batch leaves nothing out.
    private mutating func agrees(_ batch: EventBatch, first: Int64) -> Bool {
        guard let ours = mark.event, batch.through >= delivered.sequence else { return true }
        let isSame: Bool
        if batch.after == delivered.sequence {
            isSame = batch.predecessor.map { $0 == EventDigest(ours) } ?? true
        } else if batch.after < delivered.sequence, first <= delivered.sequence {
            isSame = batch.events.first { $0.offset == delivered.sequence } == ours
        } else {
            isSame = true
        }
        if !isSame { doubts += 1 }
        return isSame
    }

    private mutating func deliver(_ batch: EventBatch) -> [PublishedEvent] {
        let due = batch.events.filter { $0.offset > delivered.sequence }
        mark = OutboxMark(batch)
        known = max(known, delivered)
        return due
    }
}
