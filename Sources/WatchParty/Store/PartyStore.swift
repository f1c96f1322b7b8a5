import Core

/// The SQL of parties.
struct PartyStore {
    private static let columns: SQL = "session_id, settings, room, queue_revision, created_at, updated_at"

    func insert(_ party: Party, _ tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO parties (session_id, settings, room, queue_revision, wakes_at, created_at, updated_at)
            VALUES (\(party.id), \(try JSON.text(party.settings)), \(try JSON.text(party.room)), \(party.queueRevision),
                \(party.room.wakesAt), \(party.createdAt), \(party.updatedAt))
            """)
    }

    func find(_ id: SessionID, _ tx: any Transaction) throws -> Party? {
        try tx.first("SELECT \(sql: Self.columns) FROM parties WHERE session_id = \(id)").map(party)
    }

    /// The same, and nobody else changes it before this transaction ends.
    func take(_ id: SessionID, _ tx: any Transaction) throws -> Party? {
        let count = try tx.execute("UPDATE parties SET queue_revision = queue_revision WHERE session_id = \(id)")
        return count == 0 ? nil : try find(id, tx)
    }

    func update(_ party: Party, _ tx: any Transaction) throws {
        try tx.execute(
            """
            UPDATE parties SET settings = \(try JSON.text(party.settings)), room = \(try JSON.text(party.room)),
                queue_revision = \(party.queueRevision), wakes_at = \(party.room.wakesAt), updated_at = \(party.updatedAt)
            WHERE session_id = \(party.id)
            """)
    }

    /// Those in which something is due by a moment.
    func due(by time: Timestamp, limit: Int, _ tx: any Transaction) throws -> [SessionID] {
        try tx.query("SELECT session_id FROM parties WHERE wakes_at <= \(time) ORDER BY wakes_at LIMIT \(limit)")
            .map { try $0.get("session_id") }
    }

    /// Removes some of what there is of a party.
    /// - Returns: whether there may be more.
    func removeSome(of id: SessionID, limit: Int, _ tx: any Transaction) throws -> Bool {
        for (table, key) in Self.parts {
            let keys = try tx.query("SELECT \(sql: key) AS name FROM \(sql: table) WHERE session_id = \(id) LIMIT \(limit)")
                .map { try $0.get("name", as: String.self) }
            guard !keys.isEmpty else { continue }
            try tx.execute("DELETE FROM \(sql: table) WHERE session_id = \(id) AND \(sql: key) IN \(list: keys)")
            return true
        }
        try tx.execute("DELETE FROM parties WHERE session_id = \(id)")
        return false
    }

    /// What else there is of a party, by what.
    private static let parts: [(table: SQL, key: SQL)] = [
        ("party_votes", "entry_id"), ("party_subtitles", "id"), ("party_entries", "id"), ("party_members", "person"),
    ]

    private func party(_ row: Row) throws -> Party {
        Party(
            id: try row.get("session_id"), settings: try JSON.decode(from: try row.get("settings", as: String.self)),
            room: try JSON.decode(from: try row.get("room", as: String.self)), queueRevision: try row.get("queue_revision"),
            createdAt: try row.get("created_at"), updatedAt: try row.get("updated_at"))
    }
}
