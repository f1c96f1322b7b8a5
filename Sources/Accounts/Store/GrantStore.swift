import Core

/// The grants' table.
struct GrantStore: Sendable {
    /// Revoked grants that are known in this process at once; of more, the rest follows with the feed.
    private static let knownAtOnce = 1000

    static let columns: SQL = """
        id, kind, user_id, session_id, rights, scopes, name, created_at, expires_at, revoked_at, parent_id
        """

    /// - Parameter secretHash: of keys.
    func insert(_ grant: Grant, secretHash: [UInt8]? = nil, in transaction: any Transaction) throws {
        let scopes = grant.scopes.map(\.rawValue).sorted().joined(separator: ",")
        try transaction.execute("""
            INSERT INTO grants (
                id, kind, user_id, session_id, rights, scopes, name, secret_hash, created_at, expires_at, revoked_at, parent_id)
            VALUES (
                \(grant.id), \(grant.kind), \(grant.userID), \(grant.sessionID), \(grant.rights), \(scopes), \(grant.name),
                \(secretHash), \(grant.createdAt), \(grant.expiresAt), \(grant.revokedAt), \(grant.parentID))
            """)
    }

    /// A person's valid memberships of a session, the longest-lived first.
    func memberships(
        of user: UserID, in session: SessionID, at now: Timestamp, _ transaction: any Transaction
    ) throws -> [Grant] {
        try transaction.query("""
            SELECT \(sql: Self.columns) FROM grants
            WHERE session_id = \(session) AND kind = \(Grant.Kind.member) AND user_id = \(user) AND revoked_at IS NULL
                AND (expires_at IS NULL OR expires_at > \(now))
            ORDER BY CASE WHEN expires_at IS NULL THEN 0 ELSE 1 END, expires_at DESC, id LIMIT 100
            """)
            .map(Grant.init)
    }

    /// The sessions a person is a member of, the latest joined first.
    func sessions(of user: UserID, at now: Timestamp, limit: Int, in transaction: any Transaction) throws -> [SessionID] {
        try transaction.query("""
            SELECT session_id, MAX(created_at) AS joined_at FROM grants
            WHERE user_id = \(user) AND kind = \(Grant.Kind.member) AND revoked_at IS NULL
                AND session_id IS NOT NULL AND (expires_at IS NULL OR expires_at > \(now))
            GROUP BY session_id ORDER BY joined_at DESC, session_id LIMIT \(limit)
            """)
            .map { try $0.get("session_id") }
    }

    func grant(_ id: GrantID, in transaction: any Transaction) throws -> Grant? {
        try transaction.first("SELECT \(sql: Self.columns) FROM grants WHERE id = \(id)").map(Grant.init)
    }

    /// - Returns: of those that have a parent.
    func parents(of grants: [GrantID], in transaction: any Transaction) throws -> [GrantID: GrantID] {
        var parents: [GrantID: GrantID] = [:]
        // Databases take so many values in one statement.
        for start in stride(from: 0, to: grants.count, by: 500) {
            let rows = try transaction.query("""
                SELECT id, parent_id FROM grants
                WHERE id IN \(list: Array(grants[start...].prefix(500))) AND parent_id IS NOT NULL
                """)
            for row in rows { parents[try row.get("id")] = try row.get("parent_id") }
        }
        return parents
    }

    /// Those of some grants that hold.
    func holding(_ grants: [GrantID], at now: Timestamp, in transaction: any Transaction) throws -> Set<GrantID> {
        Set(try stride(from: 0, to: grants.count, by: 500).flatMap { start in
            try transaction.query("""
                SELECT id FROM grants
                WHERE id IN \(list: Array(grants[start...].prefix(500))) AND revoked_at IS NULL
                    AND (expires_at IS NULL OR expires_at > \(now))
                """)
                .map { try $0.get("id", as: GrantID.self) }
        })
    }

    /// The grants that are not revoked, at most so many as are to be known at once.
    func open(where condition: SQL, at now: Timestamp, in transaction: any Transaction) throws -> [Revocations.Entry<Subject.Grant>] {
        try transaction.query("""
            SELECT id, expires_at FROM grants WHERE \(sql: condition) AND revoked_at IS NULL LIMIT \(Self.knownAtOnce)
            """)
            .map { .init(grant: try $0.get("id"), expiresAt: try $0.optional("expires_at"), revokedAt: now) }
    }

    func revokeAll(where condition: SQL, at now: Timestamp, in transaction: any Transaction) throws {
        try transaction.execute("UPDATE grants SET revoked_at = \(now) WHERE \(sql: condition) AND revoked_at IS NULL")
    }
}

extension Grant {
    init(_ row: Row) throws {
        let scopes: String = try row.get("scopes")
        self.init(
            id: try row.get("id"), kind: try row.get("kind"), userID: try row.optional("user_id"),
            sessionID: try row.optional("session_id"), rights: try row.get("rights"),
            scopes: Set(scopes.split(separator: ",").compactMap { Scope(rawValue: String($0)) }),
            name: try row.get("name"), createdAt: try row.get("created_at"), expiresAt: try row.optional("expires_at"),
            revokedAt: try row.optional("revoked_at"), parentID: try row.optional("parent_id"))
        // Members may save and select what they see; rows from before there were rights to that do not say so.
        if kind == .member, rights.contains(.view) { rights.formUnion([.download, .select]) }
        // Nor of owners that they may edit.
        if kind == .member, rights.contains(.manage) { rights.insert(.edit) }
    }
}
