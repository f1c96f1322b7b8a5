import Core
import Synchronization

/// Hears what Processing announces, and remembers what was committed.
final class Recorder: ProcessingListener {
    struct Timeout: Error { var log: [String] }

    private struct State {
        var log: [String] = []
        var listeners: [AsyncStream<[String]>.Continuation] = []
        var brokenThumbnails = 0
    }

    struct Broken: Error {}

    private let state = Mutex(State())

    var log: [String] { state.withLock { $0.log } }

    /// Makes the next calls of `thumbnailReady` fail.
    func breakThumbnails(_ count: Int) { state.withLock { $0.brokenThumbnails = count } }

    func inspected(_ job: ProcessingJob, _ facts: MediaFacts, in transaction: any Transaction) throws {
        add("inspected \(facts.width)x\(facts.height)", transaction)
    }

    func thumbnailReady(_ job: ProcessingJob, in transaction: any Transaction) throws {
        let isBroken = state.withLock { state in
            defer { state.brokenThumbnails = max(0, state.brokenThumbnails - 1) }
            return state.brokenThumbnails > 0
        }
        if isBroken { throw Broken() }
        add("thumbnail", transaction)
    }

    func finished(_ job: ProcessingJob, in transaction: any Transaction) throws { add("finished", transaction) }

    func extended(_ job: ProcessingJob, in transaction: any Transaction) throws { add("extended", transaction) }

    /// Told to nobody, and so nothing to wait for.
    func granted(_ job: ProcessingJob, in transaction: any Transaction) throws {}

    func failed(_ job: ProcessingJob, _ failure: ProcessingFailure, in transaction: any Transaction) throws {
        add("failed \(failure.code)", transaction)
    }

    func requeued(_ job: ProcessingJob, in transaction: any Transaction) throws { add("requeued", transaction) }

    private func add(_ entry: String, _ transaction: any Transaction) {
        transaction.afterCommit { self.note(entry) }
    }

    /// Adds an entry of the test's own.
    func note(_ entry: String) {
        let (log, listeners) = state.withLock { state in
            state.log.append(entry)
            return (state.log, state.listeners)
        }
        for listener in listeners { listener.yield(log) }
    }

    /// Waits until an entry is there, or so many of the same.
    /// - Throws: `Timeout` after ten seconds.
    func wait(for entry: String) async throws { try await wait(count: 1, of: entry) }

    func wait(count: Int, of entry: String) async throws {
        let (updates, continuation) = AsyncStream.makeStream(of: [String].self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { state in
            state.listeners.append(continuation)
            continuation.yield(state.log)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for await log in updates where log.count(where: { $0 == entry }) >= count { return } }
            group.addTask { [self] in
                try await Task.sleep(for: .seconds(10))
                throw Timeout(log: log)
            }
            try await group.next()
            group.cancelAll()
        }
    }
}
