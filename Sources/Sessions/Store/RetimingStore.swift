import Core

/// The SQL of sessions whose time zone has changed, and how far their photos follow.
struct RetimingStore {
    /// Begins with the newest photo, also where an earlier change is still being followed.
    func begin(_ session: SessionID, _ tx: any Transaction) throws {
        try remove(session, tx)
        try tx.execute(
            "INSERT INTO session_retimings (session_id, next_key, next_id) VALUES (\(session), \(Int64.max), '')")
    }

    /// Sessions with photos left. Those that are deleted wait until they are back, or gone.
    func open(after last: SessionID?, limit: Int, _ tx: any Transaction) throws -> [SessionID] {
        let after: SQL = last.map { "AND session_id > \($0)" } ?? ""
        return try tx.query(
            """
            SELECT session_id FROM session_retimings JOIN sessions ON sessions.id = session_id
            WHERE deleted_at IS NULL \(sql: after) ORDER BY session_id LIMIT \(limit)
            """
        ).map { try $0.get("session_id") }
    }

    /// The photo that was looked at last; `nil` when all have followed.
    func place(of session: SessionID, _ tx: any Transaction) throws -> Cursor? {
        try tx.first("SELECT next_key, next_id FROM session_retimings WHERE session_id = \(session)")
            .map { Cursor(key: try $0.get("next_key"), id: try $0.get("next_id")) }
    }

    func advance(_ session: SessionID, to place: Cursor, _ tx: any Transaction) throws {
        try tx.execute(
            "UPDATE session_retimings SET next_key = \(place.key), next_id = \(place.id) WHERE session_id = \(session)")
    }

    func remove(_ session: SessionID, _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM session_retimings WHERE session_id = \(session)")
    }
}
