import Core

/// The SQL of messages.
struct MessageStore {
    private static let columns: SQL =
        """
        id, chat_id, sequence, author, author_name, text, reply_to, photo_id, client_id, created_at, edited_at, deleted_at,
        moment_media, moment_at
        """

    func insert(_ message: Message, digest: String, _ tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO chat_messages (id, chat_id, sequence, author, author_name, text, reply_to, photo_id, client_id, digest, created_at,
                moment_media, moment_at)
            VALUES (\(message.id), \(message.chatID), \(message.sequence), \(message.author), \(message.authorName),
                \(message.text), \(message.replyTo), \(message.photoID), \(message.clientID), \(digest), \(message.createdAt),
                \(message.moment?.mediaId), \(message.moment.map { Int64(($0.position * 1000).rounded()) }))
            """)
    }

    func find(_ id: MessageID, _ tx: any Transaction) throws -> Message? {
        try tx.first("SELECT \(sql: Self.columns) FROM chat_messages WHERE id = \(id)").map(message)
    }

    /// What an author has said under a client id, and the digest of the draft; none once it is taken back.
    func find(clientID: String, of author: Person, _ tx: any Transaction) throws -> (message: Message, digest: String?)? {
        try tx.first(
            "SELECT \(sql: Self.columns), digest FROM chat_messages WHERE author = \(author) AND client_id = \(clientID)"
        ).map { (try message($0), try $0.optional("digest")) }
    }

    /// When somebody spoke last in a chat, whatever has become of it.
    func lastTime(of author: Person, in chat: ChatID, _ tx: any Transaction) throws -> Timestamp? {
        try tx.first(
            """
            SELECT created_at FROM chat_messages WHERE chat_id = \(chat) AND author = \(author)
            ORDER BY sequence DESC LIMIT 1
            """
        ).map { try $0.get("created_at") }
    }

    /// The messages between two places, which are not among them, the newest first.
    /// - Parameter photo: what they are about; `nil` for anything.
    func list(
        _ chat: ChatID, about photo: PhotoID? = nil, after: Int64, before: Int64, limit: Int, _ tx: any Transaction
    ) throws -> [Message] {
        let about: SQL = photo.map { "AND photo_id = \($0)" } ?? ""
        return try tx.query(
            """
            SELECT \(sql: Self.columns) FROM chat_messages
            WHERE chat_id = \(chat) \(sql: about) AND sequence > \(after) AND sequence < \(before)
            ORDER BY sequence DESC LIMIT \(limit)
            """
        ).map(message)
    }

    /// Messages of others after a place, counted up to a limit.
    func unread(_ chat: ChatID, of person: Person, after sequence: Int64, limit: Int, _ tx: any Transaction) throws -> Int {
        try tx.first(
            """
            SELECT COUNT(*) AS unread FROM (
                SELECT id FROM chat_messages
                WHERE chat_id = \(chat) AND sequence > \(sequence) AND author <> \(person) AND deleted_at IS NULL
                LIMIT \(limit)) AS counted
            """)?.get("unread") ?? 0
    }

    func setText(_ text: String, of id: MessageID, at now: Timestamp, _ tx: any Transaction) throws {
        try tx.execute("UPDATE chat_messages SET text = \(text), edited_at = \(now) WHERE id = \(id)")
    }

    /// Leaves its place and nothing of what was said.
    func blank(_ id: MessageID, at now: Timestamp, _ tx: any Transaction) throws {
        try tx.execute(
            "UPDATE chat_messages SET text = '', photo_id = NULL, digest = NULL, deleted_at = \(now) WHERE id = \(id)")
        try tx.execute("DELETE FROM chat_reactions WHERE message_id = \(id)")
    }

    private func moment(_ row: Row) throws -> FilmMoment? {
        guard let media = try row.optional("moment_media", as: PhotoID.self) else { return nil }
        return FilmMoment(mediaId: media, position: Double(try row.get("moment_at", as: Int64.self)) / 1000)
    }

    private func message(_ row: Row) throws -> Message {
        Message(
            id: try row.get("id"), chatID: try row.get("chat_id"), sequence: try row.get("sequence"),
            author: try row.get("author"), authorName: try row.get("author_name"), text: try row.get("text"),
            replyTo: try row.optional("reply_to"), photoID: try row.optional("photo_id"), moment: try moment(row),
            clientID: try row.optional("client_id"), createdAt: try row.get("created_at"),
            editedAt: try row.optional("edited_at"), deletedAt: try row.optional("deleted_at"))
    }
}
