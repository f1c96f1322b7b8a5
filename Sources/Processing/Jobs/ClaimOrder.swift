import Core
import Synchronization

/// Decides what a process asks the queue for next; pure.
///
/// The rule: first thumbnails come before all other renditions, and these before re-renders. Among jobs of one priority
/// the sessions take turns in the order of their ids, however many jobs each has waiting, and a session's own jobs come
/// in the order in which they were queued. So that nothing waits for ever behind a stream of more urgent work, one
/// claim in `renditionsEvery` begins with renditions, and one in `rerenderEvery` with re-renders.
struct ClaimOrder: Sendable {
    /// What one claim asks for.
    struct Turn: Sendable, Equatable {
        /// The first of them that anything waits in is served.
        var priorities: [JobPriority] = [.thumbnail, .renditions, .rerender]
        /// The sessions served last; the next one's turn comes after them.
        var last: [JobPriority: SessionID] = [:]
    }

    static let renditionsEvery = 16
    static let rerenderEvery = 64

    private var claims = 0
    private var last: [JobPriority: SessionID] = [:]

    /// - Parameter isExpress: for a decoder that makes nothing but first thumbnails.
    func turn(isExpress: Bool = false) -> Turn {
        Turn(priorities: isExpress ? [.thumbnail] : priorities, last: last)
    }

    private var priorities: [JobPriority] {
        let number = claims + 1
        if number.isMultiple(of: Self.rerenderEvery) { return [.rerender, .thumbnail, .renditions] }
        if number.isMultiple(of: Self.renditionsEvery) { return [.renditions, .thumbnail, .rerender] }
        return [.thumbnail, .renditions, .rerender]
    }

    /// A job was claimed.
    mutating func claimed(_ session: SessionID, _ priority: JobPriority, isExpress: Bool = false) {
        last[priority] = session
        if !isExpress { claims += 1 }
    }
}

/// The turns of all decoders of a process.
final class ClaimTurns: Sendable {
    private let order = Mutex(ClaimOrder())

    func next(isExpress: Bool) -> ClaimOrder.Turn { order.withLock { $0.turn(isExpress: isExpress) } }

    func claimed(_ claim: ClaimedJob, isExpress: Bool) {
        order.withLock { $0.claimed(claim.job.sessionID, claim.priority, isExpress: isExpress) }
    }
}
