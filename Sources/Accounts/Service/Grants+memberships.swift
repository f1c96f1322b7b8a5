public import Core

extension Grants: SessionMemberships {
    public func sessions(
        of user: UserID, holding rights: Rights, limit: Int, transaction: any Transaction
    ) throws -> [SessionID] {
        try GrantStore().sessions(of: user, holding: rights, at: clock.now(), limit: limit, in: transaction)
    }
}

extension GrantStore {
    /// The sessions a person is a member of with all those rights, the latest joined first.
    func sessions(
        of user: UserID, holding rights: Rights, at now: Timestamp, limit: Int, in transaction: any Transaction
    ) throws -> [SessionID] {
        try transaction.query("""
            SELECT session_id, MAX(created_at) AS joined_at FROM grants
            WHERE user_id = \(user) AND kind = \(Grant.Kind.member) AND revoked_at IS NULL AND session_id IS NOT NULL
                AND (expires_at IS NULL OR expires_at > \(now)) AND (rights & \(rights)) = \(rights)
            GROUP BY session_id ORDER BY joined_at DESC, session_id LIMIT \(limit)
            """)
            .map { try $0.get("session_id") }
    }
}
