import Core

/// Reads what was revoked, by whichever process.
struct RevocationStore: Sendable {
    /// Rows that one statement deletes.
    static let purgeSize = 1000

    /// Rows that one statement reads.
    var pageSize = 5000

    /// - Parameters:
    ///   - cursor: the time and id of the last one seen.
    ///   - end: only those revoked before, in milliseconds.
    func devices(
        after cursor: Cursor, before end: Int64, in transaction: any Transaction
    ) throws -> [Revocations.Entry<Subject.Device>] {
        try transaction.query("""
            SELECT id, revoked_at FROM devices
            WHERE revoked_at >= \(cursor.key) AND revoked_at < \(end) AND (revoked_at > \(cursor.key) OR id > \(cursor.id))
            ORDER BY revoked_at, id LIMIT \(pageSize)
            """)
            .map { .init(device: try $0.get("id"), revokedAt: try $0.get("revoked_at")) }
    }

    /// As `devices`.
    func grants(
        after cursor: Cursor, before end: Int64, in transaction: any Transaction
    ) throws -> [Revocations.Entry<Subject.Grant>] {
        try transaction.query("""
            SELECT id, expires_at, revoked_at FROM grants
            WHERE revoked_at >= \(cursor.key) AND revoked_at < \(end) AND (revoked_at > \(cursor.key) OR id > \(cursor.id))
            ORDER BY revoked_at, id LIMIT \(pageSize)
            """)
            .map { row in
                .init(grant: try row.get("id"), expiresAt: try row.optional("expires_at"), revokedAt: try row.get("revoked_at"))
            }
    }

    /// Deletes rows that no token can name any more, a bounded number at a time.
    /// - Returns: whether there may be more.
    func purge(at now: Timestamp, in transaction: any Transaction) throws -> Bool {
        let month = now - .seconds(30 * 86_400)
        let quarter = now - GrantSigner.longestLife - .seconds(7 * 86_400)
        let counts = try [
            transaction.execute("""
                DELETE FROM grants WHERE id IN (SELECT id FROM grants WHERE expires_at < \(month) LIMIT \(Self.purgeSize))
                """),
            transaction.execute("""
                DELETE FROM grants WHERE id IN (SELECT id FROM grants WHERE revoked_at < \(quarter) LIMIT \(Self.purgeSize))
                """),
            transaction.execute("""
                DELETE FROM devices WHERE id IN (SELECT id FROM devices WHERE expires_at < \(month) LIMIT \(Self.purgeSize))
                """),
            transaction.execute("""
                DELETE FROM devices WHERE id IN (SELECT id FROM devices WHERE revoked_at < \(month) LIMIT \(Self.purgeSize))
                """),
        ]
        return counts.contains(Self.purgeSize)
    }
}
