/// Finds what a principal holds in a session, for routes and topics of other features. Implemented by Sessions.
public protocol SessionAccess: Sendable {
    /// - Returns: `.session(id, held: [])` when there is no such session or the principal holds nothing there.
    func resource(_ principal: Principal, _ session: SessionID) async throws -> Resource

    /// The session a photo is in, in the same way; `.house` with nothing held when there is no such photo.
    func resource(_ principal: Principal, photo: PhotoID) async throws -> Resource
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
