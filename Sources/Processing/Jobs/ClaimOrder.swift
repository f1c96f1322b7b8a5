import Core
import Synchronization

/// What a decoder is there for.
enum DecoderRole: Sendable {
    /// For all jobs but films that are encoded anew, which take far longer.
    case general
    /// For first thumbnails alone.
    case express
    /// For films that are encoded anew.
    case film
}

/// Decides what a process asks the queue for next; pure.
///
/// The rule: first thumbnails come before all other renditions, these before re-renders, and wishes come last. Among jobs
/// of one priority the sessions take turns in the order of their ids, however many jobs each has waiting, and a session's
/// own jobs come in the order in which they were queued. So that nothing waits for ever behind a stream of more urgent
/// work, one claim in `renditionsEvery` begins with renditions, one in `rerenderEvery` with re-renders, and one in
/// `wishEvery` with wishes.
struct ClaimOrder: Sendable {
    /// What one claim asks for.
    struct Turn: Sendable, Equatable {
        /// The first of them that anything waits in is served.
        var priorities: [JobPriority] = [.thumbnail, .renditions, .rerender, .wish]
        /// The sessions served last; the next one's turn comes after them.
        var last: [JobPriority: SessionID] = [:]
    }

    static let renditionsEvery = 16
    static let rerenderEvery = 64
    static let wishEvery = 128

    private var claims = 0
    private var last: [JobPriority: SessionID] = [:]

    /// - Parameter mayWish: whether wishes are asked for at all.
    func turn(_ role: DecoderRole = .general, mayWish: Bool = true) -> Turn {
        switch role {
        case .general: Turn(priorities: priorities.filter { mayWish || $0 != .wish }, last: last)
        case .express: Turn(priorities: [.thumbnail], last: last)
        case .film: Turn(priorities: [.film], last: last)
        }
    }

    private var priorities: [JobPriority] {
        let number = claims + 1
        if number.isMultiple(of: Self.wishEvery) { return [.wish, .thumbnail, .renditions, .rerender] }
        if number.isMultiple(of: Self.rerenderEvery) { return [.rerender, .thumbnail, .renditions, .wish] }
        if number.isMultiple(of: Self.renditionsEvery) { return [.renditions, .thumbnail, .rerender, .wish] }
        return [.thumbnail, .renditions, .rerender, .wish]
    }

    /// A job was claimed.
    mutating func claimed(_ session: SessionID, _ priority: JobPriority, _ role: DecoderRole = .general) {
        last[priority] = session
        if role == .general { claims += 1 }
    }
}

/// The turns of all decoders of a process. Wishes take seconds each: they never have more than some of the decoders, so that
/// what comes in meanwhile finds one.
final class ClaimTurns: Sendable {
    private struct State {
        var order = ClaimOrder()
        /// At work, or being asked for.
        var wishes = 0
    }

    private let state = Mutex(State())
    private let wishesAtATime: Int

    /// - Parameter decoders: of which half are for wishes, or the only one.
    init(decoders: Int) { wishesAtATime = max(1, decoders / 2) }

    /// What to ask for; each has to be `settled`.
    func next(_ role: DecoderRole) -> ClaimOrder.Turn {
        state.withLock { state in
            let turn = state.order.turn(role, mayWish: state.wishes < wishesAtATime)
            if turn.priorities.contains(.wish) { state.wishes += 1 }
            return turn
        }
    }

    /// A turn led to a claim, or to none.
    func settled(_ turn: ClaimOrder.Turn, _ claim: ClaimedJob?, _ role: DecoderRole) {
        state.withLock { state in
            if let claim { state.order.claimed(claim.job.sessionID, claim.priority, role) }
            if turn.priorities.contains(.wish), claim?.priority != .wish { state.wishes -= 1 }
        }
    }

    /// The work on a claim is over.
    func ended(_ claim: ClaimedJob) {
        if claim.priority == .wish { state.withLock { $0.wishes -= 1 } }
    }
}
