import NIOCore

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

    struct Waiting {
        var offset: Int64
        var frame: ByteBuffer
    }

    /// How many live events may wait for the history.
    static let capacity = 512

    private var state = State.recovering([])

    /// A live event has come.
    /// - Returns: whether to send it now.
    mutating func receive(_ offset: Int64, _ frame: ByteBuffer) -> Bool {
        switch state {
        case .recovering(var waiting):
            state = .recovering([])  // gives up the second reference: the append below is in place
            waiting.append(Waiting(offset: offset, frame: frame))
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
    mutating func receive(_ run: TopicRun, if accept: (ByteBuffer) -> Bool) -> Bool {
        guard case .live(let last) = state, run.offsets.map({ $0.lowerBound > last }) ?? true, accept(run.frames) else { return false }
        if let newest = run.offsets?.upperBound { state = .live(after: newest) }
        return true
    }

    /// Whether the client has been told that it follows.
    var isLive: Bool { if case .live = state { true } else { false } }

    /// Whether too much came while the history was being read.
    var hasOverflowed: Bool { if case .overflowed = state { true } else { false } }

    /// The history has been read and sent up to `offset`.
    /// - Returns: the waiting events that come after it, in order.
    mutating func goLive(after offset: Int64) -> [ByteBuffer] {
        guard case .recovering(let waiting) = state else {
            if case .overflowed(let newest) = state { state = .live(after: max(newest, offset)) }
            return []
        }
        let due = waiting.filter { $0.offset > offset }
        state = .live(after: due.last?.offset ?? offset)
        return due.map(\.frame)
    }
}
