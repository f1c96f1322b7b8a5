public import Core
import Foundation
import Synchronization

/// Hashes passwords on threads of its own, few at a time: each takes 128 MiB and a processor.
public final class PasswordHasher: PasswordKeeper {
    private typealias Job = @Sendable () -> Void

    private let cost: Int
    private let line: Mutex<HashingLine<Job>>

    /// - Parameters:
    ///   - cost: the binary logarithm of scrypt's N for new hashes, 10 to 20.
    ///   - running: hashes at a time.
    ///   - waiting: callers that may wait for those; the next one is refused.
    public init(cost: Int = PasswordHash.standardCost, running: Int = 2, waiting: Int = 16) {
        self.cost = min(max(cost, PasswordHash.costs.lowerBound), PasswordHash.costs.upperBound)
        self.line = Mutex(HashingLine(running: running, waiting: waiting))
    }

    /// The stored form of a password.
    /// - Throws: `Problem` 503 `busy`.
    public func hash(_ password: String) async throws -> String {
        try await onOwnThread { [cost] in try PasswordHash(of: password, cost: cost).text }
    }

    /// Whether a stored hash is that of a password.
    /// - Parameter stored: `nil` for an account that does not exist; it takes as long and is always wrong.
    /// - Throws: `Problem` 503 `busy`.
    public func verify(_ password: String, against stored: String?) async throws -> Bool {
        let hash = stored.flatMap(PasswordHash.init) ?? .impossible(cost: cost)
        return try await onOwnThread { try hash.matches(password) }
    }

    private func onOwnThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let job: Job = { continuation.resume(with: Result(catching: work)) }
            switch line.withLock({ $0.arrive(job) }) {
            case .start: Thread.detachNewThread { self.work(from: job) }
            case .wait: break
            case .refuse: continuation.resume(throwing: Self.busy)
            }
        }
    }

    private func work(from first: @escaping Job) {
        var job: Job? = first
        while let current = job {
            current()
            job = line.withLock { $0.finished() }
        }
    }

    private static let busy = Problem.unavailable("busy", "Many people are signing in; try again in a moment.", retryAfter: 2)
}
