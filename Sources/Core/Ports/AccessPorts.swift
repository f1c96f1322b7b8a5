/// Tells who is asking. Implemented by Accounts.
public protocol Authenticator: Sendable {
    /// - Parameter bearer: the text after `Bearer `: an access token, an API key or a grant token; `nil` when none was sent.
    /// - Returns: `.anonymous` without a token.
    /// - Throws: `Problem` 401 `invalid_token` or `expired_token` for a token that does not hold.
    func principal(bearer: String?) async throws -> Principal

    /// The same for a connection, which must not outlive what let it in. Unless implemented, that has no end.
    /// - Throws: as `principal(bearer:)`.
    func identity(bearer: String?) async throws -> Identity
}

extension Authenticator {
    /// The principal, without an end.
    public func identity(bearer: String?) async throws -> Identity {
        Identity(principal: try await principal(bearer: bearer), expiresAt: nil)
    }
}

/// Who is there, and for how long a token says so.
public struct Identity: Sendable, Equatable {
    public var principal: Principal
    /// `nil`: as long as it is not taken back.
    public var expiresAt: Timestamp?

    /// See the properties of the same names.
    public init(principal: Principal, expiresAt: Timestamp?) {
        self.principal = principal
        self.expiresAt = expiresAt
    }
}

/// Signs and checks what opens media, and says what has been taken back. Implemented by Accounts.
public protocol GrantChecker: Sendable {
    /// Reads a signed token; no database, constant time. `nil` when forged, expired or revoked.
    func check(_ token: String) -> GrantToken?

    /// Whether the grant has been taken back; asked again for as long as a connection lives.
    func isRevoked(_ grant: GrantID) -> Bool

    /// The signed text of a token.
    func sign(_ token: GrantToken) -> String
}

/// Says who has to leave. Implemented by Accounts.
public protocol RevocationChecker: Sendable {
    /// Whether what let the principal in has been taken back: its device signed out, its key or grant revoked.
    /// No database; asked again for as long as a connection lives.
    func isRevoked(_ principal: Principal) -> Bool
}

/// Keeps the rows that let people in. Implemented by Accounts.
public protocol GrantRegistry: MemberRegistry {
    /// Adds a grant.
    func add(_ grant: Grant, in transaction: any Transaction) throws

    /// The rights an account holds in a session through its valid grants, together with one grant that can be signed
    /// into a media token; `nil` when it holds none.
    func membership(of user: UserID, in session: SessionID, transaction: any Transaction) throws -> Grant?

    /// The sessions an account has a valid membership of.
    func sessions(of user: UserID, transaction: any Transaction) throws -> [SessionID]

    /// One grant, whatever has become of it; `nil` when there is none.
    func grant(_ id: GrantID, transaction: any Transaction) throws -> Grant?

    /// What those came in by who came in by something: of every grant its parent, if it has one.
    func parents(of grants: [GrantID], transaction: any Transaction) throws -> [GrantID: GrantID]

    /// Those of some grants that hold now.
    func holding(_ grants: [GrantID], transaction: any Transaction) throws -> Set<GrantID>

    /// The guests' grants of a session that hold now, the latest first.
    /// - Parameter cursor: creation time and id of the last one seen.
    func guests(of session: SessionID, after cursor: Cursor?, limit: Int, transaction: any Transaction) throws -> [Grant]

    /// How many guests' grants there are of a session; those that ended a month ago are forgotten.
    func guestCount(of session: SessionID, transaction: any Transaction) throws -> GuestCount

    /// Takes back a guest's grant; effective everywhere within 2 seconds.
    /// - Returns: whether the session had such a guest, who was not shown out before.
    @discardableResult
    func revokeGuest(_ id: GrantID, of session: SessionID, in transaction: any Transaction) throws -> Bool

    /// Takes back every grant that has this parent; effective everywhere within 2 seconds.
    func revokeAll(under parent: GrantID, in transaction: any Transaction) throws

    /// Takes back the grants of guests who came into a session by its access code, and no others; effective everywhere within
    /// 2 seconds.
    func revokeEntriesByCode(to session: SessionID, in transaction: any Transaction) throws

    /// Takes back the grants of guests, whatever they came in by, who hold all of some rights, and longer than to a moment; effective
    /// everywhere within 2 seconds.
    /// - Parameter end: `nil` for however long.
    func revokeGuests(of session: SessionID, holding rights: Rights, beyond end: Timestamp?, in transaction: any Transaction) throws

    /// Takes back every grant of a session, memberships too; effective everywhere within 2 seconds.
    func revokeAll(of session: SessionID, in transaction: any Transaction) throws
}

/// Guests' grants of a session, counted.
public struct GuestCount: Sendable, Equatable {
    /// All of them.
    public var entries: Int
    /// Those that are neither taken back nor at their end.
    public var valid: Int

    public init(entries: Int, valid: Int) {
        self.entries = entries
        self.valid = valid
    }
}

/// A token bucket per key, for guessing games: sign-in, code entry. Implemented by Accounts over a `RateLimiter`.
public protocol AttemptLimiter: Sendable {
    /// Counts an attempt.
    /// - Parameter key: what is limited, e.g. `code:203.0.113.7`.
    /// - Throws: `Problem` 429 when the key has used up its attempts.
    func attempt(_ key: String) async throws

    /// Forgets the attempts of a key that one person alone uses, after a success.
    func succeed(_ key: String) async

    /// Gives back one attempt of a key that many share: whoever succeeds buys no guesses at what is others'.
    func refund(_ key: String) async
}
