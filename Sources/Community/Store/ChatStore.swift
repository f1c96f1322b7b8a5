import Core

/// The SQL of chats.
///
/// Whatever is written about a chat begins by taking its row: so decisions hold until the commit, messages get their places one
/// after the other, and transactions that only see what is committed are enough.
struct ChatStore {
    private static let columns: SQL = "id, kind, session_id, is_on, slow_mode, words, last_sequence"

    /// The chat of a session; one as nobody has touched it when it has none yet.
    func find(of session: SessionID, _ tx: any Transaction) throws -> Chat {
        try tx.first("SELECT \(sql: Self.columns) FROM chats WHERE id = \(ChatID(session))").map(chat) ?? Chat(of: session)
    }

    /// Takes the chat of a session for this transaction; makes it if need be.
    func take(of session: SessionID, at now: Timestamp, _ tx: any Transaction) throws -> Chat {
        if let chat = try taken(ChatID(session), tx) { return chat }
        let new = Chat(of: session)
        try tx.execute(
            """
            INSERT INTO chats (id, kind, session_id, is_on, slow_mode, words, last_sequence, created_at, updated_at)
            VALUES (\(new.id), \(new.kind), \(session), \(new.settings.isOn), \(new.settings.slowModeSeconds), '[]', 0, \(now), \(now))
            ON CONFLICT DO NOTHING
            """)
        return try taken(new.id, tx) ?? new
    }

    private func taken(_ id: ChatID, _ tx: any Transaction) throws -> Chat? {
        try tx.first("UPDATE chats SET kind = kind WHERE id = \(id) RETURNING \(sql: Self.columns)").map(chat)
    }

    func set(_ settings: Chat.Settings, of id: ChatID, at now: Timestamp, _ tx: any Transaction) throws {
        try tx.execute(
            """
            UPDATE chats SET is_on = \(settings.isOn), slow_mode = \(settings.slowModeSeconds),
                words = \(try JSON.text(settings.words)), updated_at = \(now)
            WHERE id = \(id)
            """)
    }

    func setLastSequence(_ sequence: Int64, of id: ChatID, _ tx: any Transaction) throws {
        try tx.execute("UPDATE chats SET last_sequence = \(sequence) WHERE id = \(id)")
    }

    /// Removes some rows of everything in a chat, and the chat once there is no more.
    /// - Returns: whether there may be more.
    func removeSome(of id: ChatID, limit: Int, _ tx: any Transaction) throws -> Bool {
        let removed = [
            try tx.execute(
                """
                DELETE FROM chat_reactions WHERE chat_id = \(id) AND message_id IN
                    (SELECT message_id FROM chat_reactions WHERE chat_id = \(id) LIMIT \(limit))
                """),
            try tx.execute(
                """
                DELETE FROM chat_messages WHERE id IN
                    (SELECT id FROM chat_messages WHERE chat_id = \(id) LIMIT \(limit))
                """),
            try tx.execute(
                """
                DELETE FROM chat_reads WHERE chat_id = \(id) AND person IN
                    (SELECT person FROM chat_reads WHERE chat_id = \(id) LIMIT \(limit))
                """),
        ]
        guard removed.allSatisfy({ $0 == 0 }) else { return true }
        // Bounded by the rules.
        try tx.execute("DELETE FROM chat_mutes WHERE chat_id = \(id)")
        try tx.execute("DELETE FROM chats WHERE id = \(id)")
        return false
    }

    private func chat(_ row: Row) throws -> Chat {
        let id: ChatID = try row.get("id")
        var chat = Chat(of: try row.optional("session_id") ?? SessionID(id))
        chat.kind = try row.get("kind")
        chat.settings = Chat.Settings(
            isOn: try row.get("is_on"), slowModeSeconds: try row.get("slow_mode"),
            words: try JSON.decode(from: try row.get("words", as: String.self)))
        chat.lastSequence = try row.get("last_sequence")
        return chat
    }
}
