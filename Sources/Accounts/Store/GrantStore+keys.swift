import Core

extension GrantStore {
    /// A key with what is needed to let it in.
    struct StoredKey: Sendable {
        let grant: Grant
        let secretHash: [UInt8]
        let ownerRole: Role
        let lastUsedAt: Timestamp?
    }

    private static let keyColumns: SQL = """
        id, kind, user_id, session_id, rights, scopes, name, created_at, expires_at, revoked_at, parent_id,
        last_used_at
        """

    func key(_ id: GrantID, in transaction: any Transaction) throws -> StoredKey? {
        try transaction.first("""
            SELECT grants.id AS id, kind, user_id, session_id, rights, scopes, name, secret_hash, grants.created_at AS created_at,
                expires_at, revoked_at, parent_id, last_used_at, users.role AS role
            FROM grants JOIN users ON users.id = grants.user_id
            WHERE grants.id = \(id) AND kind = \(Grant.Kind.key)
            """)
            .map { row in
                StoredKey(
                    grant: try Grant(row), secretHash: try row.get("secret_hash"), ownerRole: try row.get("role"),
                    lastUsedAt: try row.optional("last_used_at"))
            }
    }

    /// A person's keys that are not revoked, the newest first.
    /// - Parameter cursor: creation time and id of the last one seen.
    func keys(of user: UserID, after cursor: Cursor?, limit: Int, in transaction: any Transaction) throws -> [APIKey] {
        let after = cursor ?? Cursor(key: .max, id: "")
        return try transaction.query("""
            SELECT \(sql: Self.keyColumns) FROM grants
            WHERE user_id = \(user) AND kind = \(Grant.Kind.key) AND revoked_at IS NULL
                AND (created_at < \(after.key) OR (created_at = \(after.key) AND id < \(after.id)))
            ORDER BY created_at DESC, id DESC LIMIT \(limit)
            """)
            .map { APIKey(grant: try Grant($0), lastUsedAt: try $0.optional("last_used_at")) }
    }

    /// How many keys of a person are neither revoked nor expired.
    func keyCount(of user: UserID, at now: Timestamp, in transaction: any Transaction) throws -> Int {
        try transaction.first("""
            SELECT COUNT(*) AS total FROM grants
            WHERE user_id = \(user) AND kind = \(Grant.Kind.key) AND revoked_at IS NULL
                AND (expires_at IS NULL OR expires_at > \(now))
            """)?.get("total") ?? 0
    }

    /// - Returns: whether there was such a key, not yet revoked.
    func revokeKey(_ id: GrantID, of user: UserID, at now: Timestamp, in transaction: any Transaction) throws -> Bool {
        try transaction.execute("""
            UPDATE grants SET revoked_at = \(now)
            WHERE id = \(id) AND user_id = \(user) AND kind = \(Grant.Kind.key) AND revoked_at IS NULL
            """) == 1
    }

    func touchKey(_ id: GrantID, at now: Timestamp, in transaction: any Transaction) throws {
        try transaction.execute("UPDATE grants SET last_used_at = \(now) WHERE id = \(id)")
    }
}
