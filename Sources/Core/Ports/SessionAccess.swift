/// Finds what a principal holds in a session, for routes and topics of other features. Implemented by Sessions.
public protocol SessionAccess: Sendable {
    /// - Returns: `.session(id, held: [])` when there is no such session or the principal holds nothing there.
    func resource(_ principal: Principal, _ session: SessionID) async throws -> Resource

    /// The session a photo is in, in the same way; `.house` with nothing held when there is no such photo.
    func resource(_ principal: Principal, photo: PhotoID) async throws -> Resource
}

/// Signs what opens the media of a session. Implemented by Sessions.
public protocol MediaTokenSource: Sendable {
    /// What the principal appends to the plain media paths of a session's events.
    /// - Returns: `nil` when it holds nothing there that could be signed.
    func mediaToken(of principal: Principal, for session: SessionID) async throws -> String?
}

/// Lets people into sessions. Implemented by Sessions.
public protocol SessionEntrance: Sendable {
    /// Lets somebody into a session by its access code.
    /// - Parameter address: who is trying, for the rate limit.
    /// - Throws: `Problem` 404 or 403 `wrong_code`, 429.
    func enter(_ session: SessionID, accessCode: String, name: String?, address: String) async throws -> GrantToken
}

/// Finds the sessions an account has rights in, for lists that go over several of them. Implemented by Accounts.
public protocol SessionMemberships: Sendable {
    /// The sessions in which an account holds all of those rights by one valid grant, the latest joined first, at most `limit`;
    /// an administrator's role does not count.
    /// - Throws: `DatabaseError`.
    func sessions(
        of user: UserID, holding rights: Rights, limit: Int, transaction: any Transaction
    ) throws -> [SessionID]
}
