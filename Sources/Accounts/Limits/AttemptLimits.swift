import Core

/// Counts attempts per key; what the key begins with, up to the first colon, names the rule.
public struct AttemptLimits: AttemptLimiter {
    /// What is allowed of each kind of attempt.
    public struct Rules: Sendable, Equatable {
        /// Sign-ins per address, to whatever accounts; those that succeed are not counted.
        public var login = RateLimit(burst: 20, interval: .seconds(3))
        /// Sign-ins to one account from one address: the strict limit, that nobody can use up for somebody elsewhere.
        public var pair = RateLimit(burst: 5, interval: .seconds(60))
        /// Sign-ins to one account from all strange addresses together, see `SignInLimits`.
        public var account = RateLimit(burst: 100, interval: .seconds(6))
        /// Access codes per address; those that are right are not counted.
        public var code = RateLimit(burst: 10, interval: .seconds(6))
        /// Passwords of one link per address; those that are right are not counted.
        public var guess = RateLimit(burst: 10, interval: .seconds(6))
        /// Passwords of one link from all addresses together; those that are right are not counted.
        public var link = RateLimit(burst: 100, interval: .seconds(6))
        /// Codes and passwords beyond those three, which only let in whoever gives one that has let in others already.
        public var crowd = RateLimit(burst: 60, interval: .seconds(1))
        /// Entries by one link per address, and tokens of no link; a token cannot be guessed, so a whole party may share one.
        public var visit = RateLimit(burst: 120, interval: .seconds(1))
        /// Entries by access codes per address; a hall full of guests may share one.
        public var arrival = RateLimit(burst: 2000, interval: .milliseconds(100))
        /// Choices of photos that one guest keeps.
        public var choice = RateLimit(burst: 60, interval: .seconds(1))
        /// Photos that somebody marks, chooses or lets go of: as fast as a thumb can, and some more.
        public var mark = RateLimit(burst: 300, interval: .milliseconds(100))
        /// Lists of chosen photos that somebody begins.
        public var list = RateLimit(burst: 20, interval: .seconds(10))
        /// Photos that somebody reports.
        public var report = RateLimit(burst: 20, interval: .seconds(30))
        /// Email addresses that one account asks after; those that have an account are not counted.
        public var member = RateLimit(burst: 10, interval: .seconds(60))
        /// New accounts per address.
        public var register = RateLimit(burst: 10, interval: .seconds(60))
        /// Refreshes per address; generous, for a whole office may share one.
        public var refresh = RateLimit(burst: 120, interval: .seconds(1))

        public init() {}

        func rule(for key: String) -> RateLimit {
            switch key.prefix(while: { $0 != ":" }) {
            case "login": login
            case "pair": pair
            case "account": account
            case "guess": guess
            case "link": link
            case "crowd": crowd
            case "visit": visit
            case "arrival": arrival
            case "choice": choice
            case "mark": mark
            case "list": list
            case "report": report
            case "member": member
            case "register": register
            case "refresh": refresh
            default: code
            }
        }
    }

    private let rules: Rules
    private let limiter: any RateLimiter

    /// - Parameter limiter: keeps the buckets, on this node or for a fleet.
    public init(_ rules: Rules = Rules(), limiter: any RateLimiter) {
        self.rules = rules
        self.limiter = limiter
    }

    public func attempt(_ key: String) async throws {
        let wait = await limiter.take(AttemptKey.normalized(key), rules.rule(for: key))
        if let wait { throw Problem.tooMany(retryAfter: wait) }
    }

    public func succeed(_ key: String) async { await limiter.reset(AttemptKey.normalized(key)) }

    /// Gives back one attempt. For keys that many people share: forgetting all would let somebody who signs in to an
    /// account of their own guess at others' for ever.
    public func refund(_ key: String) async { await limiter.refund(AttemptKey.normalized(key), rules.rule(for: key)) }
}
