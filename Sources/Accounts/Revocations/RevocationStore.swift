import Core

/// Reads what was revoked, by whichever process.
struct RevocationStore: Sendable {
    static let pageSize = 1000

    func devices(after cursor: Cursor, in transaction: any Transaction) throws -> [Revocations.Entry<Subject.Device>] {
        try transaction.query("""
            SELECT id, revoked_at FROM devices
            WHERE revoked_at >= \(cursor.key) AND (revoked_at > \(cursor.key) OR id > \(cursor.id))
            ORDER BY revoked_at, id LIMIT \(Self.pageSize)
            """)
            .map { .init(device: try $0.get("id"), revokedAt: try $0.get("revoked_at")) }
    }

    func grants(after cursor: Cursor, in transaction: any Transaction) throws -> [Revocations.Entry<Subject.Grant>] {
        try transaction.query("""
            SELECT id, expires_at, revoked_at FROM grants
            WHERE revoked_at >= \(cursor.key) AND (revoked_at > \(cursor.key) OR id > \(cursor.id))
            ORDER BY revoked_at, id LIMIT \(Self.pageSize)
            """)
            .map { row in
                .init(grant: try row.get("id"), expiresAt: try row.optional("expires_at"), revokedAt: try row.get("revoked_at"))
            }
    }

    /// Deletes rows that no token can name any more, a bounded number at a time.
    func purge(at now: Timestamp, in transaction: any Transaction) throws {
        let month = now - .seconds(30 * 86_400)
        let quarter = now - GrantSigner.longestLife - .seconds(7 * 86_400)
        try transaction.execute("""
            DELETE FROM grants WHERE id IN (SELECT id FROM grants WHERE expires_at < \(month) LIMIT \(Self.pageSize))
            """)
        try transaction.execute("""
            DELETE FROM grants WHERE id IN (SELECT id FROM grants WHERE revoked_at < \(quarter) LIMIT \(Self.pageSize))
            """)
        try transaction.execute("""
            DELETE FROM devices WHERE id IN (SELECT id FROM devices WHERE expires_at < \(month) LIMIT \(Self.pageSize))
            """)
        try transaction.execute("""
            DELETE FROM devices WHERE id IN (SELECT id FROM devices WHERE revoked_at < \(month) LIMIT \(Self.pageSize))
            """)
    }
}
