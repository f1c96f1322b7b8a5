import NIOCore

/// Who waits for a reply, in the order of their commands. A pure value.
struct ReplyQueue<Waiter> {
    private var waiters: CircularBuffer<(waiter: Waiter, deadline: NIODeadline)> = []

    var isEmpty: Bool { waiters.isEmpty }

    /// By when the next reply must have come; all wait equally long, so no later one is due earlier.
    var deadline: NIODeadline? { waiters.first?.deadline }

    mutating func append(_ waiter: Waiter, deadline: NIODeadline) { waiters.append((waiter, deadline)) }

    /// A reply came: whose it is; `nil` when nobody waits.
    mutating func next() -> Waiter? { waiters.popFirst()?.waiter }

    /// The connection is over.
    mutating func removeAll() -> [Waiter] {
        defer { waiters.removeAll() }
        return waiters.map(\.waiter)
    }
}
