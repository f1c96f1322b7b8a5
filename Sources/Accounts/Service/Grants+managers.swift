public import Core

extension Grants: SessionManagers {
    /// More than these are not told.
    private static let mostManagers = 1000

    public func managers(of session: SessionID, transaction: any Transaction) throws -> [UserID] {
        try GrantStore().managers(of: session, at: clock.now(), limit: Self.mostManagers, in: transaction)
    }
}

extension GrantStore {
    /// The people whose membership of a session lets them manage it.
    func managers(
        of session: SessionID, at now: Timestamp, limit: Int, in transaction: any Transaction
    ) throws -> [UserID] {
        try transaction.query("""
            SELECT DISTINCT user_id FROM grants
            WHERE session_id = \(session) AND kind = \(Grant.Kind.member) AND revoked_at IS NULL AND user_id IS NOT NULL
                AND (expires_at IS NULL OR expires_at > \(now)) AND (rights & \(Rights.manage)) <> 0
            LIMIT \(limit)
            """)
            .map { try $0.get("user_id") }
    }
}
