import Core
import GRDB

/// A write that waits for its turn: what to run, and whom to answer exactly once.
struct QueuedWrite: Sendable {
    /// What to do once the body's changes are durable: its effects, then the answer.
    typealias Completion = @Sendable () -> Void

    /// Runs the body on a connection inside a transaction. May be called again after a roll-back.
    let run: @Sendable (GRDB.Database) -> Result<Completion, any Error>
    /// Answers that it did not take place.
    let fail: @Sendable (any Error) -> Void

    init<Value: Sendable>(
        body: @escaping @Sendable (any Transaction) throws -> Value,
        continuation: CheckedContinuation<Value, any Error>
    ) {
        run = { connection in
            Result {
                let (value, effects) = try SQLiteTransaction.run(body, on: connection)
                return {
                    effects.forEach { $0() }
                    continuation.resume(returning: value)
                }
            }
        }
        fail = { continuation.resume(throwing: typed($0)) }
    }

    func answer(_ outcome: Result<Completion, any Error>) {
        switch outcome {
        case .success(let complete): complete()
        case .failure(let error): fail(error)
        }
    }
}
