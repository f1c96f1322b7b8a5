import Core

/// What one user, or one guest, may ask for over all connections to all nodes; and what all strangers from one address may. How many
/// guests an address may become is limited where they enter.
enum UserLimits: String {
    case joins, commands

    private var limit: RateLimit {
        switch self {
        case .joins: RateLimit(burst: 120, interval: .milliseconds(500))
        case .commands: RateLimit(burst: 100, interval: .milliseconds(50))
        }
    }

    /// - Throws: `Problem` 429 `too_many_requests`.
    static func take(_ kind: UserLimits, _ limiter: any RateLimiter, for caller: CommandCaller) async throws {
        if let name = caller.limitName { return try await take("wire:\(kind.rawValue):\(name)", kind.limit, limiter) }
        try await take("wire:\(kind.rawValue):from:\(caller.address)", kind.addressLimit, limiter)
    }

    private static func take(_ key: String, _ limit: RateLimit, _ limiter: any RateLimiter) async throws {
        if let wait = await limiter.take(key, limit) { throw Problem.tooMany(retryAfter: wait) }
    }

    /// All who come to a feast may be behind one address.
    private var addressLimit: RateLimit { RateLimit(burst: limit.burst * 20, interval: limit.interval / 20) }
}

extension CommandCaller {
    /// An account counts once, whatever it came in by; a guest by the grant, the first of those that were entered by.
    fileprivate var limitName: String? {
        if case .guest(let token) = principal { return token.grantID.description }
        return principal.userID?.description ?? entries.values.map(\.grantID.description).min()
    }
}
