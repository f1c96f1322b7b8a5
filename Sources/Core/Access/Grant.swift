/// The one row that lets somebody in: an API key, a guest's entry by code, a membership.
public struct Grant: Sendable, Equatable {
    public enum Kind: String, Sendable, Codable, SQLConvertible {
        /// A tether script's key; `scopes` limit its owner's rights.
        case key
        /// A guest who knew the access code or had a link; made anew at each entry.
        case guest
        /// A person's standing right in a session: its owner, later its collaborators.
        case member
    }

    public var id: GrantID
    public var kind: Kind
    /// The account that holds it; `nil` for guests.
    public var userID: UserID?
    /// The session it opens; `nil` for API keys.
    public var sessionID: SessionID?
    public var rights: Rights
    /// Only for keys.
    public var scopes: Set<Scope>
    /// What people call it: a key's name, a guest's name.
    public var name: String
    public var createdAt: Timestamp
    /// `nil`: until revoked.
    public var expiresAt: Timestamp?
    public var revokedAt: Timestamp?
    /// What its holder came in by, and is shown out with: a link.
    public var parentID: GrantID?

    public init(
        id: GrantID, kind: Kind, userID: UserID? = nil, sessionID: SessionID? = nil, rights: Rights = [],
        scopes: Set<Scope> = [], name: String = "", createdAt: Timestamp, expiresAt: Timestamp? = nil,
        revokedAt: Timestamp? = nil, parentID: GrantID? = nil
    ) {
        self.id = id
        self.kind = kind
        self.userID = userID
        self.sessionID = sessionID
        self.rights = rights
        self.scopes = scopes
        self.name = name
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
        self.parentID = parentID
    }

    /// Whether it opens anything at that moment.
    public func isValid(at time: Timestamp) -> Bool {
        revokedAt == nil && expiresAt.map { time < $0 } ?? true
    }
}

/// What a signed grant token says: enough to decide about a media request without the database.
///
/// Text form: `lg1.<payload>.<mac>`, made and checked by Accounts' `GrantSigner`.
public struct GrantToken: Sendable, Hashable, Codable {
    public var grantID: GrantID
    public var sessionID: SessionID
    public var rights: Rights
    /// The one file, with all that was derived from it, that it opens; `nil` for all of the session.
    public var originalID: OriginalID?
    /// Rounded up to a whole day, so that the URLs made of it stay the same and browsers can cache.
    public var expiresAt: Timestamp

    public init(grantID: GrantID, sessionID: SessionID, rights: Rights, originalID: OriginalID? = nil, expiresAt: Timestamp) {
        self.grantID = grantID
        self.sessionID = sessionID
        self.rights = rights
        self.originalID = originalID
        self.expiresAt = expiresAt
    }
}

extension GrantToken {
    /// A token for a grant that holds for at least `lifetime` from now, but no longer than the grant itself.
    /// The expiry falls on midnight UTC unless the grant ends earlier.
    public init(_ grant: Grant, session: SessionID, rights: Rights, now: Timestamp, lifetime: Duration = .seconds(86_400)) {
        let day: Int64 = 86_400_000
        let wanted = (now + lifetime).milliseconds
        let midnight = Timestamp(milliseconds: (wanted + day - 1) / day * day)
        let expiresAt = grant.expiresAt.map { min($0, midnight) } ?? midnight
        self.init(grantID: grant.id, sessionID: session, rights: rights, expiresAt: expiresAt)
    }

    /// The same for URLs: what may be looked at, and no other door.
    public var forMedia: GrantToken {
        var token = self
        token.rights = rights.intersection([.view, .original, .desk, .download, .counted]).union(.mediaOnly)
        return token
    }

    /// The same for the URLs of one film that is shown elsewhere than in its session: it can be looked at, and nothing else, and no
    /// longer than to the midnight UTC after the next day.
    public func forFilm(_ original: OriginalID, of session: SessionID, now: Timestamp) -> GrantToken {
        let day: Int64 = 86_400_000
        let end = Timestamp(milliseconds: (now.milliseconds / day + 2) * day)
        return GrantToken(
            grantID: grantID, sessionID: session, rights: [.view, .mediaOnly], originalID: original, expiresAt: min(expiresAt, end))
    }
}
