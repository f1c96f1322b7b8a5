/// How long to wait before the next try: twice as long each time up to a limit, less a random part, so that those who
/// failed together do not come back together.
struct Backoff: Sendable {
    let first: Duration
    let limit: Duration

    /// Between attempts to connect.
    static let connecting = Backoff(first: .milliseconds(100), limit: .seconds(5))
    /// Between attempts of a transaction that others got in the way of.
    static let conflict = Backoff(first: .milliseconds(2), limit: .milliseconds(100))

    /// - Parameters:
    ///   - failures: so far, from 1.
    ///   - jitter: random, 0 to 1.
    func delay(after failures: Int, jitter: Double) -> Duration {
        let full = min(limit, first * (1 << min(max(failures, 1) - 1, 20)))
        return full * (0.5 + 0.5 * min(max(jitter, 0), 1))
    }
}
