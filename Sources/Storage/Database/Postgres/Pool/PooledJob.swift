import Synchronization

/// What waits for a connection: what to do on it, and whom to answer exactly once.
struct PooledJob: Sendable {
    enum Outcome {
        case answered
        /// The connection was lost before anything can have taken effect.
        case lost(any Error)
    }

    let ticket: Ticket
    let deadline: ContinuousClock.Instant
    /// How often it lost its connection.
    var losses = 0
    /// Runs on the connection's thread.
    let run: @Sendable (PostgresConnection) -> Outcome
    /// Answers that it did not take place.
    let fail: @Sendable (any Error) -> Void
}

/// Knows where a job is, for whoever wants to stop it.
final class Ticket: Sendable {
    private struct State {
        var isCancelled = false
        var running: Interruption?
    }

    /// Where a cancelled job is to be stopped.
    enum Place {
        case waiting
        case running(Interruption)
    }

    private static let numbers = Atomic<UInt64>(0)

    let number = Ticket.numbers.wrappingAdd(1, ordering: .relaxed).newValue
    private let state = Mutex(State())

    /// The job has a connection now.
    /// - Returns: false when it was cancelled before.
    func begin(on interruption: Interruption) -> Bool {
        state.withLock { state in
            if !state.isCancelled { state.running = interruption }
            return !state.isCancelled
        }
    }

    /// The job is over, or waits again.
    func end() { state.withLock { $0.running = nil } }

    func cancel() -> Place {
        state.withLock { state in
            state.isCancelled = true
            return state.running.map(Place.running) ?? .waiting
        }
    }
}
