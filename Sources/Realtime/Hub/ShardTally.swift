import Synchronization

/// What one event loop has delivered, and what waits there for slow readers. Only that loop writes it; anybody may read it.
final class ShardTally: Sendable {
    private let deliveryCount = Atomic<Int>(0)
    private let queuedBytes = Atomic<Int>(0)
    private let largestQueue = Atomic<Int>(0)

    /// Events that were written for a connection or put into its queue.
    var deliveries: Int { deliveryCount.load(ordering: .relaxed) }
    /// Bytes that wait over all connections, as of the last look at them, which is taken every second.
    var queued: Int { queuedBytes.load(ordering: .relaxed) }
    /// The same of the connection for which the most wait.
    var largest: Int { largestQueue.load(ordering: .relaxed) }

    // There is one writer: nothing can come between the load and the store.
    func delivered(_ events: Int) { deliveryCount.store(deliveries &+ events, ordering: .relaxed) }

    func saw(queued: Int, largest: Int) {
        queuedBytes.store(queued, ordering: .relaxed)
        largestQueue.store(largest, ordering: .relaxed)
    }
}
