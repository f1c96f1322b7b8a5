/// Says who runs a session, for what is told to its staff's own programs. Implemented by Accounts.
public protocol SessionManagers: Sendable {
    /// The accounts that hold `manage` in a session by a valid grant, in no order; an administrator's role does not count.
    /// - Throws: `DatabaseError`.
    func managers(of session: SessionID, transaction: any Transaction) throws -> [UserID]
}
