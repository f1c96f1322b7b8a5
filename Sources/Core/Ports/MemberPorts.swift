/// Finds accounts by what people know of each other. Implemented by Accounts.
public protocol AccountDirectory: PersonNames {
    /// The account with an email address, in whatever case; `nil` when there is none.
    func account(email: String, transaction: any Transaction) throws -> UserID?

    /// What an administrator gives an account in place of the house's quota for accounts.
    func quota(of account: UserID, transaction: any Transaction) throws -> UploadQuota
}

/// Keeps who belongs to a session. Implemented by Accounts.
public protocol MemberRegistry: Sendable {
    /// The memberships of a session that hold, of each account one with all that it holds, the longest-standing first.
    /// - Parameter cursor: creation time and id of the last one seen.
    func members(of session: SessionID, after cursor: Cursor?, limit: Int, transaction: any Transaction) throws -> [Grant]

    /// How many accounts belong to a session.
    func memberCount(of session: SessionID, transaction: any Transaction) throws -> Int

    /// Has an account hold exactly those rights in a session, as a member of before or a new one.
    func setMember(_ user: UserID, of session: SessionID, to rights: Rights, in transaction: any Transaction) throws

    /// Takes back what an account holds in a session; its media URLs open nothing within 2 seconds.
    /// - Returns: whether it held anything.
    @discardableResult
    func removeMember(_ user: UserID, of session: SessionID, in transaction: any Transaction) throws -> Bool
}

/// Tells every node that an account does not belong to a session any more, so that its connections there end at once. If that is lost,
/// they find it out by themselves within half a minute.
public struct MembershipEnd: Sendable, Codable, Equatable {
    /// Names it among what nodes tell each other.
    public static let nudge = "sessions.left"

    public var user: UserID
    public var session: SessionID

    public init(user: UserID, session: SessionID) {
        self.user = user
        self.session = session
    }
}
