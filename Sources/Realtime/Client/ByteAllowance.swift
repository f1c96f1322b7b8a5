import Core

/// How many bytes a client may say: a leaky bucket kept as one point in time (the generic cell rate algorithm).
///
/// The number of messages is the socket's affair, which reads more slowly when there are too many.
struct ByteAllowance {
    enum Verdict: Equatable {
        case taken
        /// Not to be looked at; there is room again after that time.
        case refused(Duration)
        /// It has gone on although it was told.
        case flood
    }

    /// At once.
    static let burst = 256 << 10
    /// A second, in the long run.
    static let rate = 64 << 10
    /// Bytes that may be refused, in the time of the burst, before the client is sent away.
    static let patience = 1 << 20

    /// When all that was said will have been paid.
    private var paidAt: Timestamp
    private var refused = 0

    init(at now: Timestamp) { paidAt = now }

    mutating func take(_ bytes: Int, at now: Timestamp) -> Verdict {
        let due = max(paidAt, now) + Self.time(of: bytes)
        let excess = due - (now + Self.time(of: Self.burst))
        guard excess > .zero else {
            paidAt = due
            if paidAt == now + Self.time(of: bytes) { refused = 0 }
            return .taken
        }
        refused += bytes
        return refused > Self.patience ? .flood : .refused(excess)
    }

    private static func time(of bytes: Int) -> Duration { .milliseconds(max(1, bytes * 1000 / rate)) }
}
