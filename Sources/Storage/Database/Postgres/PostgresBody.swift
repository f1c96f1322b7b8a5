import Core
import Foundation

/// A body that is run on a connection until it succeeds or is given up, and the caller who waits for what it comes to.
struct PostgresBody<Value: Sendable>: Sendable {
    let body: @Sendable (any Transaction) throws -> Value
    let purpose: PostgresTransaction.Purpose
    let retries: Int
    /// Is told the channels that the transaction wants notified.
    let announce: @Sendable (Set<String>) -> Void

    /// What one run of the body came to.
    private enum Ending {
        case committed(Value, PostgresTransaction)
        /// From the beginning it may succeed.
        case repeatable(any Error)
        /// From the beginning it will be read on one snapshot.
        case unfinished(any Error)
        case failed(any Error)
        /// The connection is gone and nothing has taken effect.
        case lost(any Error)
    }

    /// Blocks the connection's thread.
    func run(
        _ ticket: Ticket, on connection: PostgresConnection, answering continuation: CheckedContinuation<Value, any Error>
    ) -> PooledJob.Outcome {
        connection.interruption.begin(ticket.number)
        guard ticket.begin(on: connection.interruption) else {
            continuation.resume(throwing: CancellationError())
            return .answered
        }
        let ending = runRepeatedly(on: connection)
        ticket.end()
        if !connection.interruption.end() { connection.isRetired = true }
        switch ending {
        case .committed(let value, let transaction):
            announce(transaction.channels)
            transaction.effects.forEach { $0() }
            continuation.resume(returning: value)
        case .repeatable(let error), .unfinished(let error), .failed(let error): continuation.resume(throwing: error)
        case .lost(let error): return .lost(error)
        }
        return .answered
    }

    private func runRepeatedly(on connection: PostgresConnection) -> Ending {
        var failures = 0
        while true {
            let ending = runOnce(on: connection)
            // It has been noted and does not come again.
            if case .unfinished = ending { continue }
            guard case .repeatable = ending, failures < retries else { return ending }
            failures += 1
            if connection.interruption.isRequested { return .failed(CancellationError()) }
            let delay = Backoff.conflict.delay(after: failures, jitter: .random(in: 0...1))
            Thread.sleep(forTimeInterval: Double(delay.components.attoseconds) / 1e18)
        }
    }

    private func runOnce(on connection: PostgresConnection) -> Ending {
        let transaction = PostgresTransaction(on: connection, for: purpose)
        let outcome = Result { try body(transaction) }
        transaction.close()
        do {
            // Whatever the body made of a failed statement: its transaction is over.
            if let failure = transaction.failure { throw failure }
            let value = try outcome.get()
            do { try transaction.commit() } catch { return uncommitted(error, transaction) }
            return .committed(value, transaction)
        } catch {
            transaction.rollBack()
            return ending(error, outcome)
        }
    }

    private func ending(_ error: any Error, _ outcome: Result<Value, any Error>) -> Ending {
        switch error as? PostgresFailure {
        case .conflict(let error), .stale(let error): .repeatable(error)
        case .unfinished(let error): .unfinished(error)
        case .lost(let error): .lost(error)
        case .refused(let error), .stopped(let error):
            // The body may have made an error of its own of it.
            if case .failure(let own) = outcome { .failed(own) } else { .failed(error) }
        case nil:
            if case .failure(let own) = outcome { .failed(own) } else { .failed(error) }
        }
    }

    /// COMMIT failed.
    private func uncommitted(_ error: any Error, _ transaction: PostgresTransaction) -> Ending {
        guard case .lost = error as? PostgresFailure else {
            transaction.rollBack()
            return ending(error, .failure((error as? PostgresFailure)?.error ?? error))
        }
        return .failed(Core.DatabaseError.unknownOutcome)
    }
}
