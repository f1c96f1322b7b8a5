import Core

/// Grant tokens whose signature was checked a moment ago. Whether one has been taken back, or has ended, is asked each time.
///
/// Only what was signed by us is kept, so strangers cannot fill it.
struct VerifiedGrants: Sendable {
    private static let capacity = 4096

    private let checker: any GrantChecker
    private let clock: any WallClock
    private let tokens: LookupCache<String, GrantToken>

    init(_ checker: any GrantChecker, clock: any WallClock) {
        self.checker = checker
        self.clock = clock
        tokens = LookupCache(capacity: Self.capacity, lifetime: .seconds(1), clock: clock)
    }

    /// As `GrantChecker.check`.
    func token(_ text: String) -> GrantToken? {
        if let known = tokens.value(text) {
            return checker.isRevoked(known.grantID) || clock.now() >= known.expiresAt ? nil : known
        }
        guard let token = checker.check(text) else { return nil }
        tokens.store(token, for: text)
        return token
    }
}
