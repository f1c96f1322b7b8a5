import Core
import Synchronization

/// Counts attempts per key in memory; what the key begins with, up to the first colon, names the rule.
public final class AttemptLimits: AttemptLimiter {
    /// What is allowed of each kind of attempt.
    public struct Rules: Sendable, Equatable {
        /// Sign-ins per address, to whatever accounts; those that succeed are not counted.
        public var login = TokenBucket.Rule(burst: 20, interval: .seconds(3))
        /// Sign-ins to one account from one address: the strict limit, that nobody can use up for somebody elsewhere.
        public var pair = TokenBucket.Rule(burst: 5, interval: .seconds(60))
        /// Sign-ins to one account from all strange addresses together, see `SignInLimits`.
        public var account = TokenBucket.Rule(burst: 100, interval: .seconds(6))
        /// Access codes per address.
        public var code = TokenBucket.Rule(burst: 10, interval: .seconds(6))
        /// New accounts per address.
        public var register = TokenBucket.Rule(burst: 10, interval: .seconds(60))
        /// Refreshes per address; generous, for a whole office may share one.
        public var refresh = TokenBucket.Rule(burst: 120, interval: .seconds(1))

        public init() {}

        func rule(for key: String) -> TokenBucket.Rule {
            switch key.prefix(while: { $0 != ":" }) {
            case "login": login
            case "pair": pair
            case "account": account
            case "register": register
            case "refresh": refresh
            default: code
            }
        }
    }

    private let rules: Rules
    private let clock: any WallClock
    private let buckets: Mutex<RecencyMap<String, TokenBucket>>

    /// - Parameter capacity: keys remembered at a time; the one unused for longest is forgotten first.
    public init(_ rules: Rules = Rules(), capacity: Int = 50_000, clock: any WallClock = SystemWallClock()) {
        self.rules = rules
        self.clock = clock
        self.buckets = Mutex(RecencyMap(capacity: capacity))
    }

    public func attempt(_ key: String) throws {
        let wait = withBucket(of: key) { bucket, now in bucket.take(now: now) }
        if let wait { throw Problem.tooMany(retryAfter: wait) }
    }

    public func succeed(_ key: String) {
        let key = AttemptKey.normalized(key)
        buckets.withLock { $0[key] = nil }
    }

    /// Gives back one attempt. For keys that many people share: forgetting all would let somebody who signs in to an
    /// account of their own guess at others' for ever.
    public func refund(_ key: String) {
        withBucket(of: key) { bucket, now in bucket.refund(now: now) }
    }

    private func withBucket<Value: Sendable>(
        of key: String, _ change: (inout TokenBucket, Timestamp) -> Value
    ) -> Value {
        let key = AttemptKey.normalized(key)
        let now = clock.now()
        return buckets.withLock { buckets in
            var bucket = buckets[key] ?? TokenBucket(rules.rule(for: key), now: now)
            defer { buckets[key] = bucket }
            return change(&bucket, now)
        }
    }
}
