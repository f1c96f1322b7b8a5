import Core

/// The SQL of those who may not speak.
struct MuteStore {
    private static let columns: SQL = "person, name, until, created_at"

    func find(_ person: Person, in chat: ChatID, _ tx: any Transaction) throws -> Mute? {
        try tx.first("SELECT \(sql: Self.columns) FROM chat_mutes WHERE chat_id = \(chat) AND person = \(person)").map(mute)
    }

    func put(_ mute: Mute, in chat: ChatID, _ tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO chat_mutes (chat_id, person, name, until, created_at)
            VALUES (\(chat), \(mute.person), \(mute.name), \(mute.until), \(mute.createdAt))
            ON CONFLICT (chat_id, person) DO UPDATE SET name = excluded.name, until = excluded.until, created_at = excluded.created_at
            """)
    }

    func remove(_ person: Person, from chat: ChatID, _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM chat_mutes WHERE chat_id = \(chat) AND person = \(person)")
    }

    /// Forgets those that are over.
    func removeEnded(in chat: ChatID, at now: Timestamp, _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM chat_mutes WHERE chat_id = \(chat) AND until <= \(now)")
    }

    func count(in chat: ChatID, _ tx: any Transaction) throws -> Int {
        try tx.first("SELECT COUNT(*) AS mutes FROM chat_mutes WHERE chat_id = \(chat)")?.get("mutes") ?? 0
    }

    /// Those that hold, the latest first.
    func list(
        in chat: ChatID, at now: Timestamp, after cursor: Cursor?, limit: Int, _ tx: any Transaction
    ) throws -> [Mute] {
        let after: SQL =
            cursor.map { "AND (created_at < \($0.key) OR (created_at = \($0.key) AND person < \($0.id)))" } ?? ""
        return try tx.query(
            """
            SELECT \(sql: Self.columns) FROM chat_mutes
            WHERE chat_id = \(chat) AND (until IS NULL OR until > \(now)) \(sql: after)
            ORDER BY created_at DESC, person DESC LIMIT \(limit)
            """
        ).map(mute)
    }

    private func mute(_ row: Row) throws -> Mute {
        Mute(
            person: try row.get("person"), name: try row.get("name"), until: try row.optional("until"),
            createdAt: try row.get("created_at"))
    }
}
