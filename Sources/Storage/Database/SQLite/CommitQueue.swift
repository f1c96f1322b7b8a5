import Core
import GRDB
import Synchronization

/// Lets writes that wait at the same time share one commit.
///
/// A commit costs an fsync, milliseconds on common disks, while a body takes microseconds. So everybody who arrived during
/// the last commit goes into the next one: each body in a savepoint of its own, so that one that throws takes back only
/// itself, and all are answered after the common commit, in order. A lone write waits for nobody.
/// If the common transaction is lost (a full disk, a deferred constraint), each body runs again alone, which they
/// have to allow anyway, and gets its own answer.
final class CommitQueue: Sendable {
    private struct State {
        var waiting: [QueuedWrite] = []
        var isScheduled = false
    }

    private let pool: DatabasePool
    private let configuration: SQLiteConfiguration
    private let state = Mutex(State())

    init(pool: DatabasePool, configuration: SQLiteConfiguration) {
        self.pool = pool
        self.configuration = configuration
    }

    /// Takes a write; it is answered from the writer connection's thread, or at once when too many wait.
    func submit(_ write: QueuedWrite) {
        enum Step { case refuse, wait, schedule }
        let step: Step = state.withLock { state in
            guard state.waiting.count < configuration.waitingLimit else { return .refuse }
            state.waiting.append(write)
            defer { state.isScheduled = true }
            return state.isScheduled ? .wait : .schedule
        }
        switch step {
        case .refuse: write.fail(Core.DatabaseError.busy)
        case .wait: break
        case .schedule: schedule()
        }
    }

    /// Writes that are not begun yet.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    private func schedule() {
        pool.asyncWriteWithoutTransaction { connection in
            self.commitOnce(on: connection)
            let hasMore = self.state.withLock { state in
                state.isScheduled = !state.waiting.isEmpty
                return state.isScheduled
            }
            if hasMore { self.schedule() }
        }
    }

    private func commitOnce(on connection: GRDB.Database) {
        do {
            try begin(on: connection)
        } catch {
            // Another process holds the lock for longer than anybody here should wait.
            return takeAll().forEach { $0.fail(error) }
        }
        var taken: [QueuedWrite] = []
        do {
            let outcomes = try performWaiting(on: connection, &taken)
            try connection.commit()
            zip(taken, outcomes).forEach { $0.answer($1) }
        } catch {
            rollBack(connection)
            if taken.count == 1 { return taken[0].fail(error) }
            taken.forEach { commitAlone($0, on: connection) }
        }
    }

    /// - Throws: when the transaction itself is lost; `taken` then holds the bodies that have to run again.
    private func performWaiting(
        on connection: GRDB.Database, _ taken: inout [QueuedWrite]
    ) throws -> [Result<QueuedWrite.Completion, any Error>] {
        let deadline = ContinuousClock.now + configuration.commitWindow
        var outcomes: [Result<QueuedWrite.Completion, any Error>] = []
        repeat {
            guard let write = takeNext() else { break }
            taken.append(write)
            outcomes.append(try performInSavepoint(write, on: connection))
        } while taken.count < configuration.bodiesPerCommit && .now < deadline
        return outcomes
    }

    private func performInSavepoint(
        _ write: QueuedWrite, on connection: GRDB.Database
    ) throws -> Result<QueuedWrite.Completion, any Error> {
        try connection.cachedStatement(sql: "SAVEPOINT body").execute()
        let outcome = write.run(connection)
        if case .failure = outcome { try connection.cachedStatement(sql: "ROLLBACK TO body").execute() }
        try connection.cachedStatement(sql: "RELEASE body").execute()
        return outcome
    }

    private func commitAlone(_ write: QueuedWrite, on connection: GRDB.Database) {
        do {
            try begin(on: connection)
            let complete = try write.run(connection).get()
            try connection.commit()
            complete()
        } catch {
            rollBack(connection)
            write.fail(error)
        }
    }

    private func begin(on connection: GRDB.Database) throws {
        try retryingWhileBusy(for: configuration.writeDeadline) { try connection.beginTransaction(.immediate) }
    }

    /// Some errors end the transaction by themselves; nothing is left to do then, or if the connection is gone.
    private func rollBack(_ connection: GRDB.Database) {
        if connection.isInsideTransaction { try? connection.rollback() }
    }

    private func takeNext() -> QueuedWrite? {
        state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
    }

    private func takeAll() -> [QueuedWrite] {
        state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
    }
}
