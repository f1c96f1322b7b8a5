import NIOPosix

/// Threads for calls that block; neither event loops nor Swift's own pool may wait for a disk.
final class BlockingPool: Sendable {
    /// The pool has been shut down.
    struct Stopped: Error {}

    private let threads: NIOThreadPool

    init(threads count: Int) {
        self.threads = NIOThreadPool(numberOfThreads: count)
        threads.start()
    }

    /// Runs a body on one of the threads. Once asked for it happens: what is on its way to the disk
    /// is not stopped by the cancellation of the task that waits for it.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            threads.submit { state in
                guard case .active = state else { return continuation.resume(throwing: Stopped()) }
                continuation.resume(with: Result(catching: body))
            }
        }
    }

    /// Runs a body on one of the threads, later, unless the pool stops before.
    func submit(_ body: @escaping @Sendable () -> Void, orElse stopped: @escaping @Sendable () -> Void) {
        threads.submit { state in
            if case .active = state { body() } else { stopped() }
        }
    }

    /// Ends the threads after what they are doing.
    func shutdown() async { try? await threads.shutdownGracefully() }
}
