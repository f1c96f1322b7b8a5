import Core
import Dispatch
import Logging

/// A PostgreSQL server behind a bounded pool of connections.
///
/// Writes are SERIALIZABLE: their bodies are written for a database where one write excludes every other, and decide by
/// what they read ("is the name free?", "how many are there?"). REPEATABLE READ would let two such decisions pass each other
/// (write skew). What the server therefore refuses (40001), and deadlocks, are repeated here. Reads are REPEATABLE READ, one
/// snapshot, which never fails for what others do.
///
/// Cancelling the caller stops a read at once. A write may go on for `cancellationGrace`, so that common ones take place and
/// say so; one that hangs is stopped and rolled back then, and throws `CancellationError`. Whoever is cancelled already when
/// calling is not stopped, so that cleaning up works.
public final class PostgresDatabase: Core.Database {
    let address: PostgresAddress
    let configuration: PostgresConfiguration
    let pool: ConnectionPool
    let listener: ChangeListener

    init(_ address: PostgresAddress, _ configuration: PostgresConfiguration, logger: Logger) {
        self.address = address
        self.configuration = configuration
        self.pool = ConnectionPool(address, configuration, logger: logger)
        self.listener = ChangeListener(address, configuration, logger: logger)
    }

    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try await run(body, for: .read)
    }

    public func write<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try await run(body, for: .write(.serializable))
    }

    public func write<Value: Sendable>(
        _ isolation: Isolation, _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try await run(body, for: .write(isolation))
    }

    /// Connections that work, free ones, and calls that wait for one.
    public var usage: (busy: Int, free: Int, waiting: Int) { pool.usage }

    func run<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value, for purpose: PostgresTransaction.Purpose
    ) async throws -> Value {
        let body = PostgresBody(body: body, purpose: purpose, retries: configuration.retries) { [listener] channels in
            if !channels.isEmpty { listener.notify(channels) }
        }
        let ticket = Ticket()
        let isCancelledAlready = Task.isCancelled
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                pool.submit(PooledJob(
                    ticket: ticket, deadline: .now + configuration.acquireTimeout,
                    run: { body.run(ticket, on: $0, answering: continuation) },
                    fail: { continuation.resume(throwing: $0) }))
            }
        } onCancel: {
            if !isCancelledAlready { cancel(ticket, for: purpose) }
        }
    }

    private func cancel(_ ticket: Ticket, for purpose: PostgresTransaction.Purpose) {
        if purpose == .read { return pool.cancel(ticket) }
        let grace = Double(configuration.cancellationGrace.milliseconds) / 1000
        DispatchQueue.global().asyncAfter(deadline: .now() + grace) { [pool] in pool.cancel(ticket) }
    }
}
