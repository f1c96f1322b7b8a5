import Synchronization

/// What a file on its way is doing, readable from anywhere.
final class TransferGauge: Sendable {
    enum Phase: Sendable, Equatable {
        /// Its content is being read for its SHA-256.
        case hashing
        case sending
        /// All bytes are out, and the server has not answered.
        case confirming
    }

    struct Reading: Sendable, Equatable {
        var phase = Phase.hashing
        /// Bytes hashed or handed to the network.
        var bytes: Int64 = 0
        var movedAt = ContinuousClock.now
    }

    private let state = Mutex(Reading())
    private let cancelled = Atomic<Bool>(false)

    /// Whether work on threads should end.
    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    func cancel() { cancelled.store(true, ordering: .relaxed) }

    var reading: Reading { state.withLock { $0 } }

    func show(_ phase: Phase, _ bytes: Int64) {
        state.withLock { $0 = Reading(phase: phase, bytes: bytes) }
    }

    /// Whether nothing has moved for that long.
    func isStill(for limit: Duration) -> Bool { ContinuousClock.now - reading.movedAt >= limit }
}
