import Core
import NIOCore
import Synchronization

/// Lets so many at a time read what clients want to know when they come. After an outage they come by the thousands, and what they
/// ask for must not fill the queues in which everybody's requests wait.
///
/// Who waits is bounded by the connections: each asks for one thing after the other, and for nothing any more when it is gone.
final class ReadGate: Sendable {
    private struct State {
        var free: Int
        var waiting = CircularBuffer<CheckedContinuation<Void, Never>>()
    }

    /// Between tries, about.
    private static let pauses: [Duration] = [.milliseconds(100), .milliseconds(400)]

    private let state: Mutex<State>

    init(limit: Int = 32) { state = Mutex(State(free: limit)) }

    /// Reads, once it is its turn. An error of the database that may pass is given some time for that.
    /// - Throws: what `body` throws; `CancellationError` when the task has been cancelled by then.
    func read<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        for pause in Self.pauses {
            do { return try await inTurn(body) } catch let error as DatabaseError where error.isTransient {
                // Not all of them at the same moment.
                try await Task.sleep(for: pause * Double.random(in: 0.5...1.5))
            }
        }
        return try await inTurn(body)
    }

    private func inTurn<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        await enter()
        defer { leave() }
        // Whoever is gone meanwhile makes room for those who are not.
        try Task.checkCancellation()
        return try await body()
    }

    private func enter() async {
        await withCheckedContinuation { turn in
            let isFree = state.withLock { state in
                guard state.free == 0 else {
                    state.free -= 1
                    return true
                }
                state.waiting.append(turn)
                return false
            }
            if isFree { turn.resume() }
        }
    }

    private func leave() {
        let next = state.withLock { state in
            let next = state.waiting.popFirst()
            if next == nil { state.free += 1 }
            return next
        }
        next?.resume()
    }
}
