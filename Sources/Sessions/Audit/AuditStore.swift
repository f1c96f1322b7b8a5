import Core

/// The SQL of who changed what.
struct AuditStore {
    func add(_ entry: AuditEntry, to session: SessionID, _ tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO audit_log (session_id, at, actor_kind, actor_id, actor_name, action, subject, change)
            VALUES (\(session), \(entry.at), \(entry.actor.kind), \(entry.actor.id), \(entry.actor.name), \(entry.action),
                \(entry.subject), \(try entry.change.map(JSON.text)))
            """)
    }

    /// Newest first.
    func list(of session: SessionID, before number: Int64, limit: Int, _ tx: any Transaction) throws -> [AuditEntry] {
        try tx.query(
            """
            SELECT number, at, actor_kind, actor_id, actor_name, action, subject, change FROM audit_log
            WHERE session_id = \(session) AND number < \(number) ORDER BY number DESC LIMIT \(limit)
            """
        ).map(entry)
    }

    /// - Returns: whether there may be more.
    func forget(before time: Timestamp, limit: Int, _ tx: any Transaction) throws -> Bool {
        try remove(where: "at < \(time)", limit: limit, tx)
    }

    /// - Returns: whether there may be more.
    func remove(of session: SessionID, limit: Int, _ tx: any Transaction) throws -> Bool {
        try remove(where: "session_id = \(session)", limit: limit, tx)
    }

    private func remove(where condition: SQL, limit: Int, _ tx: any Transaction) throws -> Bool {
        try tx.execute(
            "DELETE FROM audit_log WHERE number IN (SELECT number FROM audit_log WHERE \(sql: condition) LIMIT \(limit))") == limit
    }

    private func entry(_ row: Row) throws -> AuditEntry {
        AuditEntry(
            number: try row.get("number"), at: try row.get("at"),
            actor: .init(kind: try row.get("actor_kind"), id: try row.optional("actor_id"), name: try row.optional("actor_name")),
            action: try row.get("action"), subject: try row.optional("subject"),
            change: try row.optional("change", as: String.self).map { try JSON.decode(from: $0) })
    }
}
