import Core
import Synchronization

/// Limits guessing at passwords without giving anybody a way to lock others out of their accounts.
///
/// The strict limit is per account *and* address: guesses made elsewhere do not touch it. Many addresses together
/// (a botnet; an IPv6 network, where they cost nothing) are held by a looser limit per account, which they could keep used
/// up: therefore it does not apply where the account has been signed in to before. Devices that are signed in need no
/// password and go on in any case. What is left to such an attacker is to delay the first sign-in from a new place.
struct SignInLimits: Sendable {
    private static let places = 50_000

    let limits: AttemptLimits
    private let known = KnownPlaces(capacity: SignInLimits.places)

    init(_ limits: AttemptLimits) { self.limits = limits }

    /// Counts an attempt before anything is known of the account.
    /// - Throws: `Problem` 429.
    func attempt(from address: String) throws { try limits.attempt("login:\(address)") }

    /// Counts an attempt at an account.
    /// - Throws: `Problem` 429.
    func attempt(at account: String, from address: String) throws {
        let pair = AttemptKey.pair(account, from: address)
        try limits.attempt(pair)
        if !known.contains(pair) { try limits.attempt("account:\(account)") }
    }

    /// Takes an attempt back that was good.
    func succeed(at account: String, from address: String) {
        let pair = AttemptKey.pair(account, from: address)
        limits.refund("login:\(address)")
        limits.succeed(pair)
        if known.insert(pair) { limits.refund("account:\(account)") }
    }
}

/// Where accounts were signed in to lately. Only a success adds to it, so that no amount of guessing makes it forget.
private final class KnownPlaces: Sendable {
    private let places: Mutex<RecencyMap<String, Void>>

    init(capacity: Int) { places = Mutex(RecencyMap(capacity: capacity)) }

    func contains(_ place: String) -> Bool { places.withLock { $0[place] != nil } }

    /// - Returns: whether it is new.
    func insert(_ place: String) -> Bool {
        places.withLock { places in
            defer { places[place] = () }
            return places[place] == nil
        }
    }
}
