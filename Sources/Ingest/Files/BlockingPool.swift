import Glibc
import NIOPosix

/// Threads for calls that block; neither event loops nor Swift's own pool may wait for a disk.
final class BlockingPool: Sendable {
    /// The pool has been shut down.
    struct Stopped: Error {}

    private let threads: NIOThreadPool
    private let niceness: Int32

    /// - Parameter niceness: how far the threads stand back while others want the processors, as `nice(1)` counts it.
    init(threads count: Int, niceness: Int32 = 0) {
        self.threads = NIOThreadPool(numberOfThreads: count)
        self.niceness = niceness
        threads.start()
    }

    /// Runs a body on one of the threads. Once asked for it happens: what is on its way to the disk
    /// is not stopped by the cancellation of the task that waits for it.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            submit {
                continuation.resume(with: Result(catching: body))
            } orElse: {
                continuation.resume(throwing: Stopped())
            }
        }
    }

    /// Runs a body on one of the threads, later, unless the pool stops before.
    func submit(_ body: @escaping @Sendable () -> Void, orElse stopped: @escaping @Sendable () -> Void) {
        threads.submit { [niceness] state in
            guard case .active = state else { return stopped() }
            // Of this thread alone, on Linux. Said each time, for the pool has no place to say it once; it is a cheap call,
            // and where it is refused the thread is as good as others.
            if niceness > 0 { _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness) }
            body()
        }
    }

    /// Ends the threads after what they are doing.
    func shutdown() async { try? await threads.shutdownGracefully() }
}
