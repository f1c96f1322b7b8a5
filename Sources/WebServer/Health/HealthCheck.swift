import NIOConcurrencyHelpers

/// Something the server depends on, and how to find out whether it works.
public struct HealthCheck: Sendable {
    /// Part of the path: `/health/{name}`.
    public let name: String
    /// Throws when it does not work; is given 2 seconds.
    public let check: @Sendable () async throws -> Void
    /// Whether requests should go elsewhere when it does not work; if not, the server is only degraded.
    public let isEssential: Bool

    public init(_ name: String, isEssential: Bool = true, check: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.isEssential = isEssential
        self.check = check
    }
}

/// Whether the server wants requests: not before it listens, and not while it drains.
public final class Readiness: Sendable {
    private let ready = NIOLockedValueBox(false)

    public init() {}

    /// What `/health/ready` goes by, so that a load balancer sends requests elsewhere; false at first.
    public var isReady: Bool {
        get { ready.withLockedValue { $0 } }
        set { ready.withLockedValue { $0 = newValue } }
    }
}

/// Runs checks, each at most once at a time: one that hangs is not started again by every probe that asks.
final class HealthMonitor: Sendable {
    private let running = NIOLockedValueBox<[String: Task<Bool, Never>]>([:])
    private let limit: Duration

    init(limit: Duration) { self.limit = limit }

    /// Whether a check passes in time.
    func passes(_ check: HealthCheck) async -> Bool {
        let work = start(check)
        return await withCheckedContinuation { continuation in
            let waiting = NIOLockedValueBox<CheckedContinuation<Bool, Never>?>(continuation)
            let answer: @Sendable (Bool) -> Void = { passes in
                waiting.withLockedValue { continuation in
                    continuation?.resume(returning: passes)
                    continuation = nil
                }
            }
            let timer = Task {
                // Cancelled, it has nothing left to say.
                if (try? await Task.sleep(for: limit)) != nil { answer(false) }
            }
            Task {
                answer(await work.value)
                timer.cancel()
            }
        }
    }

    private func start(_ check: HealthCheck) -> Task<Bool, Never> {
        running.withLockedValue { running in
            if let task = running[check.name] { return task }
            let task = Task {
                let passes = (try? await check.check()) != nil
                self.running.withLockedValue { $0[check.name] = nil }
                return passes
            }
            running[check.name] = task
            return task
        }
    }
}
