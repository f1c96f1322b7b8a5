/// When a failed request is made again: exponential back-off with full jitter, bounded in number and in time.
public struct RetryPolicy: Sendable, Equatable {
    /// Requests in all, the first one included.
    public var attempts = 6
    /// The upper bound of the first pause; it doubles each time.
    public var firstPause = Duration.milliseconds(100)
    /// What the bound grows to, and the most a server's `Retry-After` is listened to.
    public var longestPause = Duration.seconds(5)
    /// No attempt begins later than this after the first one began.
    public var patience = Duration.seconds(30)

    public init() {}

    /// The pause before the next attempt; `nil` to give up.
    /// - Parameters:
    ///   - attempt: how many have failed, at least 1.
    ///   - elapsed: since the first one began.
    ///   - chance: evenly distributed from 0 up to 1.
    func pause(after attempt: Int, _ failure: S3Failure, isRepeatable: Bool, elapsed: Duration, chance: Double) -> Duration? {
        guard attempt < attempts, failure.isTransient, isRepeatable || failure.wasNotCarriedOut else { return nil }
        if case .skewed = failure.kind { return attempt == 1 ? .zero : nil }
        let bound = min(longestPause, firstPause * (1 << min(attempt - 1, 20)))
        let wanted = failure.retryAfter.map { min($0, longestPause) } ?? .zero
        let pause = max(bound * chance, wanted)
        return elapsed + pause <= patience ? pause : nil
    }
}
