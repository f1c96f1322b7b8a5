import Core
import Dispatch
import GRDB

/// A SQLite file in WAL mode: one connection writes, a few read side by side, and an acknowledged write is on the disk.
///
/// Cancelling a caller changes nothing: what was accepted runs to its end and its true outcome is returned, so that
/// nobody has to wonder whether a cancelled write took place, and cleaning up after a cancellation works.
public final class SQLiteDatabase: Core.Database {
    let pool: DatabasePool
    let commits: CommitQueue
    private let readSlots: Slots

    init(pool: DatabasePool, configuration: SQLiteConfiguration) {
        self.pool = pool
        self.commits = CommitQueue(pool: pool, configuration: configuration)
        self.readSlots = Slots(limit: configuration.waitingLimit)
    }

    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        guard readSlots.enter() else { throw Core.DatabaseError.busy }
        defer { readSlots.leave() }
        return try await withCheckedThrowingContinuation { continuation in
            pool.asyncRead { opening in
                continuation.resume(with: Result {
                    let (value, effects) = try SQLiteTransaction.run(body, on: opening.get())
                    effects.forEach { $0() }
                    return value
                }.mapError(typed))
            }
        }
    }

    public func write<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            commits.submit(QueuedWrite(body: body, continuation: continuation))
        }
    }

    /// Lets running bodies end and closes all connections. Later reads and writes fail; closing again does nothing.
    /// - Throws: `DatabaseError.failed` when a connection cannot be closed.
    public func close() async throws {
        try await onOwnThread { [pool] in
            // Closes the readers. The writer then is the last connection, unless another process has some, and SQLite moves
            // the WAL into the file and deletes it; a reader that closes last could not.
            pool.releaseMemory()
            try pool.close()
        }
    }
}

/// Runs blocking work beside Swift's cooperative pool.
func onOwnThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Result(catching: work).mapError(typed)) }
    }
}
