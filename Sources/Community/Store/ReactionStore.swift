import Core

/// The SQL of reactions.
struct ReactionStore {
    /// - Returns: whether it is news.
    func add(_ emoji: String, to message: Message, by person: Person, at now: Timestamp, _ tx: any Transaction) throws -> Bool {
        try tx.execute(
            """
            INSERT INTO chat_reactions (message_id, emoji, person, chat_id, created_at)
            VALUES (\(message.id), \(emoji), \(person), \(message.chatID), \(now)) ON CONFLICT DO NOTHING
            """) == 1
    }

    /// - Returns: whether it was there.
    func remove(_ emoji: String, from message: MessageID, by person: Person, _ tx: any Transaction) throws -> Bool {
        try tx.execute(
            "DELETE FROM chat_reactions WHERE message_id = \(message) AND emoji = \(emoji) AND person = \(person)") == 1
    }

    func count(_ emoji: String, of message: MessageID, _ tx: any Transaction) throws -> Int {
        try tx.first(
            "SELECT COUNT(*) AS people FROM chat_reactions WHERE message_id = \(message) AND emoji = \(emoji)")?.get("people") ?? 0
    }

    /// How many kinds there are beside one.
    func kinds(of message: MessageID, beside emoji: String, _ tx: any Transaction) throws -> Int {
        try tx.first(
            """
            SELECT COUNT(DISTINCT emoji) AS kinds FROM chat_reactions WHERE message_id = \(message) AND emoji <> \(emoji)
            """)?.get("kinds") ?? 0
    }

    /// The reactions to a page of messages, of each the kind that came first at the beginning.
    func of(_ messages: [MessageID], asSeenBy person: Person, _ tx: any Transaction) throws -> [MessageID: [Reaction]] {
        var found: [MessageID: [Reaction]] = [:]
        let rows = try tx.query(
            """
            SELECT message_id, emoji, COUNT(*) AS people, MAX(CASE WHEN person = \(person) THEN 1 ELSE 0 END) AS is_mine
            FROM chat_reactions WHERE message_id IN \(list: messages)
            GROUP BY message_id, emoji ORDER BY MIN(created_at), emoji
            """)
        for row in rows {
            found[try row.get("message_id"), default: []].append(
                Reaction(emoji: try row.get("emoji"), count: try row.get("people"), isMine: try row.get("is_mine")))
        }
        return found
    }
}
