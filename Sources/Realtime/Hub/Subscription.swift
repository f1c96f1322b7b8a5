/// What one connection is due of one topic: first what it missed, then everything live, nothing twice and nothing left out.
///
/// While the history is being read, live events wait here; the two are joined by their offsets.
struct Subscription {
    private enum State {
        /// The history is being read; live events wait.
        case recovering([Waiting])
        /// The waiting events overflowed: the client will be told that it is not recovered, and starts at the newest.
        case overflowed(newest: Int64)
        /// Everything up to the offset has been sent.
        case live(after: Int64)
    }

    private struct Waiting {
        var offset: Int64
        var event: HubEvent
    }

    /// How many live events may wait for the history.
    static let capacity = 512

    private var state = State.recovering([])

    /// An event has come.
    /// - Returns: whether to send it now.
    mutating func receive(_ event: HubEvent) -> Bool {
        guard let offset = event.offset else { return isLive }
        switch state {
        case .recovering(var waiting):
            state = .recovering([])  // gives up the second reference: the append below is in place
            waiting.append(Waiting(offset: offset, event: event))
            state = waiting.count > Self.capacity ? .overflowed(newest: offset) : .recovering(waiting)
            return false
        case .overflowed:
            state = .overflowed(newest: offset)
            return false
        case .live(let last):
            guard offset > last else { return false }
            state = .live(after: offset)
            return true
        }
    }

    /// Events have come that are all to be sent now, if `accept` takes them.
    /// - Returns: whether it was so; if not, nothing has changed, and each is to be received for itself.
    mutating func receive(_ run: TopicRun, if accept: (TopicRun) -> Bool) -> Bool {
        guard case .live(let last) = state, run.offsets.map({ $0.lowerBound > last }) ?? true, accept(run) else { return false }
        if let newest = run.offsets?.upperBound { state = .live(after: newest) }
        return true
    }

    /// The offset up to which everything has been sent; `nil` while the history is being read.
    var newest: Int64? { if case .live(let offset) = state { offset } else { nil } }

    /// Whether the client has been told that it follows: before that, ephemeral events are not for it.
    var isLive: Bool { if case .live = state { true } else { false } }

    /// The newest event that found no room while the history was being read.
    var overflow: Int64? { if case .overflowed(let newest) = state { newest } else { nil } }

    /// The history has been read and sent up to `offset`.
    /// - Returns: the waiting events that come after it, in order.
    mutating func goLive(after offset: Int64) -> [HubEvent] {
        guard case .recovering(let waiting) = state else {
            if let newest = overflow { state = .live(after: max(newest, offset)) }
            return []
        }
        let due = waiting.filter { $0.offset > offset }
        state = .live(after: due.last?.offset ?? offset)
        return due.map(\.event)
    }
}
