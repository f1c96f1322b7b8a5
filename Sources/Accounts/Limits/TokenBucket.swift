import Core

/// Attempts that may be made at once, and how they come back.
public struct TokenBucket: Sendable, Equatable {
    /// How large a bucket is and how fast it fills.
    public struct Rule: Sendable, Equatable {
        /// Attempts in a row.
        public var burst: Int
        /// The time after which one more is allowed.
        public var interval: Duration

        public init(burst: Int, interval: Duration) {
            self.burst = burst
            self.interval = interval
        }
    }

    private let rule: Rule
    /// Not yet earned back, in milliseconds: 0 is a full bucket.
    private var debt: Int64 = 0
    private var at: Timestamp

    init(_ rule: Rule, now: Timestamp) {
        self.rule = rule
        self.at = now
    }

    /// Takes an attempt.
    /// - Returns: `nil` when it was there, otherwise how long to wait; a refused attempt costs nothing.
    mutating func take(now: Timestamp) -> Duration? {
        fill(now)
        let most = Int64(rule.burst - 1) * rule.interval.milliseconds
        guard debt <= most else { return .milliseconds(debt - most) }
        debt += rule.interval.milliseconds
        return nil
    }

    /// Gives one attempt back.
    mutating func refund(now: Timestamp) {
        fill(now)
        debt = max(0, debt - rule.interval.milliseconds)
    }

    /// A clock that was set back earns nothing and costs nothing.
    private mutating func fill(_ now: Timestamp) {
        debt = max(0, debt - max(0, (now - at).milliseconds))
        at = now
    }
}
