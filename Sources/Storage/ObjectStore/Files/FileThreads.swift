import Core
import Glibc
import NIOPosix

/// Threads for calls that block; neither event loops nor Swift's own pool may wait for a disk.
final class FileThreads: Sendable {
    private let pool: NIOThreadPool

    /// - Parameter count: how many files are worked on side by side.
    init(_ count: Int) {
        pool = NIOThreadPool(numberOfThreads: count)
        pool.start()
    }

    deinit { pool.shutdownGracefully { _ in } }

    /// Runs a body on one of the threads, to its end even if the caller is cancelled.
    /// - Throws: what the body throws; `.system(ECANCELED, ...)` after `shutdown`.
    func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            pool.submit { state in
                switch state {
                case .active: continuation.resume(with: Result(catching: work))
                case .cancelled: continuation.resume(throwing: ObjectStoreError.system(ECANCELED, "shut down"))
                }
            }
        }
    }

    /// Runs a body later, on one of the threads or, once they have ended, here.
    func submit(_ work: @escaping @Sendable () -> Void) { pool.submit { _ in work() } }

    /// Ends the threads once their work is done.
    func shutdown() async throws { try await pool.shutdownGracefully() }
}
