import Core
import Synchronization

/// Limits guessing at passwords without giving anybody a way to lock others out of their accounts.
///
/// The strict limit is per login, as it was typed, *and* address: guesses made elsewhere do not touch it, and it does not
/// tell which email address belongs to which username. Many addresses together (a botnet; an IPv6 network, where they
/// cost nothing) are held by a looser limit per account, which they could keep used up: therefore it does not apply where
/// the account was signed in to or made since this process started. Devices that are signed in need no password and go
/// on in any case. What is left to such an attacker is to delay sign-ins from other places.
struct SignInLimits: Sendable {
    private static let places = 50_000

    let limits: AttemptLimits
    private let known = KnownPlaces(capacity: SignInLimits.places)

    init(_ limits: AttemptLimits) { self.limits = limits }

    /// Counts an attempt before anything is known of the account.
    /// - Throws: `Problem` 429.
    func attempt(from address: String) async throws { try await limits.attempt("login:\(address)") }

    /// Counts an attempt at an account.
    /// - Parameter login: what was typed.
    /// - Throws: `Problem` 429.
    func attempt(at account: String, as login: String, from address: String) async throws {
        try await limits.attempt(AttemptKey.pair(login.lowercased(), from: address))
        if !known.contains(AttemptKey.pair(account, from: address)) { try await limits.attempt("account:\(account)") }
    }

    /// Takes an attempt back that was good.
    func succeed(at account: String, as login: String, from address: String) async {
        await limits.refund("login:\(address)")
        await limits.succeed(AttemptKey.pair(login.lowercased(), from: address))
        if remember(account, from: address) { await limits.refund("account:\(account)") }
    }

    /// Whoever is at that address has shown to be the account's owner.
    /// - Returns: whether that is new.
    @discardableResult
    func remember(_ account: String, from address: String) -> Bool { known.insert(AttemptKey.pair(account, from: address)) }
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
