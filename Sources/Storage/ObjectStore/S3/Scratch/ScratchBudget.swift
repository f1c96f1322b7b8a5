import Core
import Glibc
import Synchronization

/// Bytes that may lie in the scratch folder at a time. Whoever asks for more than is left waits its turn, for a while.
final class ScratchBudget: Sendable {
    private struct Waiter {
        let id: UInt64
        let bytes: Int64
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var free: Int64
        var lastID: UInt64 = 0
        /// In the order they came; a small request does not overtake a large one, or that would never have its turn.
        var waiters: [Waiter] = []
        /// Those that were cancelled before they had begun to wait.
        var cancelled: Set<UInt64> = []
    }

    /// Callers that wait at a time; more are turned away at once.
    static let maxWaiters = 1000

    let limit: Int64
    private let patience: Duration
    private let state: Mutex<State>

    init(limit: Int64, patience: Duration) {
        self.limit = limit
        self.patience = patience
        state = Mutex(State(free: limit))
    }

    /// How many wait.
    var waiting: Int { state.withLock { $0.waiters.count } }

    /// Waits for room.
    /// - Returns: what gives the room back with its last owner.
    /// - Throws: `ObjectStoreError.system(EFBIG, ...)` for more than there can ever be, `.unavailable` after the patience.
    func reserve(_ bytes: Int64) async throws -> Reservation {
        guard bytes <= limit else { throw ObjectStoreError.system(EFBIG, "larger than the scratch folder may be") }
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let alarm = Task { [patience] in
            try await Task.sleep(for: patience)
            self.refuse(id, ObjectStoreError.unavailable("no room in the scratch folder"))
        }
        defer {
            alarm.cancel()
            // Cancelled when it had its room already.
            state.withLock { _ = $0.cancelled.remove(id) }
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { take(Waiter(id: id, bytes: bytes, continuation: $0)) }
        } onCancel: {
            refuse(id, CancellationError())
        }
        return Reservation(budget: self, bytes: bytes)
    }

    private func take(_ waiter: Waiter) {
        let result: Result<Void, any Error>? = state.withLock { state in
            if state.cancelled.remove(waiter.id) != nil { return .failure(CancellationError()) }
            if state.waiters.isEmpty, waiter.bytes <= state.free {
                state.free -= waiter.bytes
                return .success(())
            }
            guard state.waiters.count < Self.maxWaiters else {
                return .failure(ObjectStoreError.unavailable("too many wait for the scratch folder"))
            }
            state.waiters.append(waiter)
            return nil
        }
        if let result { waiter.continuation.resume(with: result) }
    }

    private func refuse(_ id: UInt64, _ error: any Error) {
        let waiter: Waiter? = state.withLock { state in
            if let index = state.waiters.firstIndex(where: { $0.id == id }) { return state.waiters.remove(at: index) }
            if error is CancellationError { state.cancelled.insert(id) }
            return nil
        }
        waiter?.continuation.resume(throwing: error)
        // The one that stood first may have kept smaller ones waiting.
        if waiter != nil { giveBack(0) }
    }

    fileprivate func giveBack(_ bytes: Int64) {
        let ready = state.withLock { state in
            state.free += bytes
            var ready: [Waiter] = []
            while let first = state.waiters.first, first.bytes <= state.free {
                state.free -= first.bytes
                ready.append(state.waiters.removeFirst())
            }
            return ready
        }
        for waiter in ready { waiter.continuation.resume() }
    }

    /// Room in the scratch folder, given back with the last reference.
    final class Reservation: Sendable {
        private let budget: ScratchBudget
        private let bytes: Int64

        fileprivate init(budget: ScratchBudget, bytes: Int64) {
            self.budget = budget
            self.bytes = bytes
        }

        deinit { budget.giveBack(bytes) }
    }
}
