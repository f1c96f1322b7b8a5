public import Core

extension Grants {
    public func guests(
        of session: SessionID, after cursor: Cursor?, limit: Int, transaction: any Transaction
    ) throws -> [Grant] {
        try GrantStore().guests(of: session, at: clock.now(), after: cursor, limit: limit, in: transaction)
    }

    public func guestCount(of session: SessionID, transaction: any Transaction) throws -> GuestCount {
        try GrantStore().guestCount(of: session, at: clock.now(), in: transaction)
    }

    @discardableResult
    public func revokeGuest(_ id: GrantID, of session: SessionID, in transaction: any Transaction) throws -> Bool {
        guard let entry = try GrantStore().revokeGuest(id, of: session, at: clock.now(), in: transaction) else { return false }
        transaction.afterCommit { [revocations] in revocations.add([entry]) }
        return true
    }
}

extension GrantStore {
    func guests(
        of session: SessionID, at now: Timestamp, after cursor: Cursor?, limit: Int, in transaction: any Transaction
    ) throws -> [Grant] {
        let after = cursor ?? Cursor(key: .max, id: "")
        return try transaction.query("""
            SELECT \(sql: Self.columns) FROM grants
            WHERE session_id = \(session) AND kind = \(Grant.Kind.guest) AND revoked_at IS NULL
                AND (expires_at IS NULL OR expires_at > \(now))
                AND (created_at < \(after.key) OR (created_at = \(after.key) AND id < \(after.id)))
            ORDER BY created_at DESC, id DESC LIMIT \(limit)
            """)
            .map(Grant.init)
    }

    func guestCount(of session: SessionID, at now: Timestamp, in transaction: any Transaction) throws -> GuestCount {
        let row = try transaction.first("""
            SELECT COUNT(*) AS entries,
                COUNT(CASE WHEN revoked_at IS NULL AND (expires_at IS NULL OR expires_at > \(now)) THEN 1 END) AS valid
            FROM grants WHERE session_id = \(session) AND kind = \(Grant.Kind.guest)
            """)
        return GuestCount(entries: try row?.get("entries") ?? 0, valid: try row?.get("valid") ?? 0)
    }

    /// - Returns: `nil` when there is no such guest, or not any more.
    func revokeGuest(
        _ id: GrantID, of session: SessionID, at now: Timestamp, in transaction: any Transaction
    ) throws -> Revocations.Entry<Subject.Grant>? {
        try transaction.query("""
            UPDATE grants SET revoked_at = \(now)
            WHERE id = \(id) AND session_id = \(session) AND kind = \(Grant.Kind.guest) AND revoked_at IS NULL
            RETURNING expires_at
            """)
            .first.map { .init(grant: id, expiresAt: try $0.optional("expires_at"), revokedAt: now) }
    }
}
