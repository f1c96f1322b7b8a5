import Core
import Logging

/// Settles uploads, a few at a time, in the order they ended, never the same one twice at once.
///
/// The rows are the truth: what does not fit here, fails or is lost in a crash is found again by the sweep.
actor SettlementQueue {
    static let capacity = 10_000

    private let settle: @Sendable (UploadID) async throws -> Void
    private let width: Int
    private let logger: Logger
    private var waiting: [UploadID] = []
    private var known: Set<UploadID> = []
    private var running: [UploadID: Task<Void, Never>] = [:]
    /// Asked for again while running: something about them changed.
    private var again: Set<UploadID> = []
    private var isStopped = false
    /// Why uploads were not settled the last time: the same is told once, however often it is tried.
    private var failures: [UploadID: String] = [:]
    private var waiters: [UploadID: [Int: CheckedContinuation<Void, Never>]] = [:]
    private var lastWaiter = 0

    init(width: Int, logger: Logger, settle: @escaping @Sendable (UploadID) async throws -> Void) {
        self.width = width
        self.logger = logger
        self.settle = settle
    }

    /// Asks for an upload to be settled soon.
    /// - Returns: false when the queue is full or stopped.
    @discardableResult
    func enqueue(_ id: UploadID) -> Bool {
        if isStopped { return false }
        if running[id] != nil {
            again.insert(id)
            return true
        }
        if known.contains(id) { return true }
        guard waiting.count < Self.capacity else { return false }
        known.insert(id)
        waiting.append(id)
        startNext()
        return true
    }

    /// Starts nothing new and tells what is running to stop, wherever it is: the next process takes it up again.
    func stop() {
        isStopped = true
        for task in running.values { task.cancel() }
        for id in waiting { release(id) }
    }

    /// Waits until an upload that was asked for is settled, or could not be; but not longer than that.
    func settled(_ id: UploadID, within limit: Duration) async {
        guard !isStopped, running[id] != nil || known.contains(id) else { return }
        lastWaiter += 1
        let waiter = lastWaiter
        let alarm = Task {
            try? await Task.sleep(for: limit)
            self.giveUp(id, waiter)
        }
        defer { alarm.cancel() }
        await withCheckedContinuation { waiters[id, default: [:]][waiter] = $0 }
    }

    private func giveUp(_ id: UploadID, _ waiter: Int) {
        waiters[id]?.removeValue(forKey: waiter)?.resume()
        if waiters[id]?.isEmpty == true { waiters[id] = nil }
    }

    private func release(_ id: UploadID) {
        for waiter in waiters.removeValue(forKey: id)?.values.map(\.self) ?? [] { waiter.resume() }
    }

    /// Waits until nothing is running: everything asked for is done, or stopped.
    func idle() async {
        while let task = running.values.first { await task.value }
    }

    private func startNext() {
        while !isStopped, running.count < width, !waiting.isEmpty {
            let id = waiting.removeFirst()
            known.remove(id)
            running[id] = Task { await self.run(id) }
        }
    }

    private func run(_ id: UploadID) async {
        do {
            try await settle(id)
            failures[id] = nil
        } catch where isStopped {
            logger.info("upload not settled, the next process will do it", metadata: ["upload": "\(id)"])
        } catch {
            let text = "\(error)"
            let level: Logger.Level = note(text, of: id) ? .error : .debug
            logger.log(
                level: level, "upload not settled, it will be tried again", metadata: ["upload": "\(id)", "error": "\(text)"])
        }
        running[id] = nil
        if again.remove(id) == nil || !enqueue(id) { release(id) }
        startNext()
    }

    /// - Returns: whether that is new.
    private func note(_ failure: String, of id: UploadID) -> Bool {
        if failures.count >= Self.capacity, failures[id] == nil, let any = failures.keys.first { failures[any] = nil }
        return failures.updateValue(failure, forKey: id) != failure
    }
}
