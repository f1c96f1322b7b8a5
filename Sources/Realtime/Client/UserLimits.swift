import Core

/// What one user, or one guest, may ask for over all connections to all nodes. Strangers are limited where they enter.
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
        guard let name = caller.limitName else { return }
        if let wait = await limiter.take("wire:\(kind.rawValue):\(name)", kind.limit) { throw Problem.tooMany(retryAfter: wait) }
    }
}

extension CommandCaller {
    /// An account counts once, whatever it came in by; a guest by the grant, the first of those that were entered by.
    fileprivate var limitName: String? {
        if case .guest(let token) = principal { return token.grantID.description }
        return principal.userID?.description ?? entries.values.map(\.grantID.description).min()
    }
}
