/// What the chat of a session has to know of it. Implemented by Sessions.
public protocol ChatSessions: Sendable {
    /// Whether anything new may come into a session; `nil` when there is no such session.
    func isActive(_ session: SessionID, transaction: any Transaction) throws -> Bool?

    /// Whether a photo is in a session and whoever may see the session may see it.
    func isShown(_ photo: PhotoID, in session: SessionID, transaction: any Transaction) throws -> Bool
}

/// Says what people call themselves. Implemented by Accounts.
public protocol PersonNames: Sendable {
    /// An account's name; `nil` when there is no such account.
    func name(of user: UserID, transaction: any Transaction) throws -> String?
}

/// What a feature keeps of a session beside its files. Implemented by whoever keeps it; emptied by Sessions.
public protocol SessionBelongings: Sendable {
    /// Removes some of it, once the session is gone for good.
    /// - Parameter limit: at most so many rows of a kind.
    /// - Returns: whether there may be more.
    func removeSome(of session: SessionID, limit: Int, in transaction: any Transaction) throws -> Bool
}
