public import Core

extension Grants {
    public func members(
        of session: SessionID, after cursor: Cursor?, limit: Int, transaction: any Transaction
    ) throws -> [Grant] {
        try GrantStore().members(of: session, at: clock.now(), after: cursor, limit: limit, in: transaction).map { first in
            var grant = first
            if let user = first.userID { grant.rights = try membership(of: user, in: session, transaction: transaction)?.rights ?? [] }
            return grant
        }
    }

    public func memberCount(of session: SessionID, transaction: any Transaction) throws -> Int {
        try GrantStore().memberCount(of: session, at: clock.now(), in: transaction)
    }

    public func setMember(_ user: UserID, of session: SessionID, to rights: Rights, in transaction: any Transaction) throws {
        let now = clock.now()
        if try GrantStore().setMember(user, of: session, to: rights, at: now, in: transaction) { return }
        let grant = Grant(id: GrantID(at: now), kind: .member, userID: user, sessionID: session, rights: rights, createdAt: now)
        try add(grant, in: transaction)
    }

    @discardableResult
    public func removeMember(_ user: UserID, of session: SessionID, in transaction: any Transaction) throws -> Bool {
        let isMember = try membership(of: user, in: session, transaction: transaction) != nil
        let own: SQL = "session_id = \(session) AND kind = \(Grant.Kind.member) AND user_id = \(user)"
        try revokeAll(where: own, in: transaction)
        return isMember
    }
}

extension GrantStore {
    private func valid(_ session: SessionID, at now: Timestamp) -> SQL {
        """
        session_id = \(session) AND kind = \(Grant.Kind.member) AND revoked_at IS NULL AND user_id IS NOT NULL
            AND (expires_at IS NULL OR expires_at > \(now))
        """
    }

    /// Of each account the first.
    func members(
        of session: SessionID, at now: Timestamp, after cursor: Cursor?, limit: Int, in transaction: any Transaction
    ) throws -> [Grant] {
        let after = cursor ?? Cursor(key: .min, id: "")
        return try transaction.query("""
            SELECT \(sql: Self.columns) FROM grants WHERE \(sql: valid(session, at: now))
                AND id IN (SELECT MIN(id) FROM grants WHERE \(sql: valid(session, at: now)) GROUP BY user_id)
                AND (created_at > \(after.key) OR (created_at = \(after.key) AND id > \(after.id)))
            ORDER BY created_at, id LIMIT \(limit)
            """)
            .map(Grant.init)
    }

    func memberCount(of session: SessionID, at now: Timestamp, in transaction: any Transaction) throws -> Int {
        try transaction.first("SELECT COUNT(DISTINCT user_id) AS members FROM grants WHERE \(sql: valid(session, at: now))")?
            .get("members") ?? 0
    }

    /// - Returns: whether the account was a member.
    func setMember(
        _ user: UserID, of session: SessionID, to rights: Rights, at now: Timestamp, in transaction: any Transaction
    ) throws -> Bool {
        try transaction.execute(
            "UPDATE grants SET rights = \(rights) WHERE \(sql: valid(session, at: now)) AND user_id = \(user)") > 0
    }
}
