import Core

/// The rules of the talk: what is common to all of them.
struct ChatService: Sendable {
    let database: any Database
    let sessions: any ChatSessions
    let parties: (any ChatParties)?
    let grants: any GrantRegistry
    let names: any PersonNames
    let news: ChatNews
    let limiter: any RateLimiter
    let rules: ChatRules
    let clock: any WallClock
    let chats = ChatStore()
    let messages = MessageStore()
    let reactions = ReactionStore()
    let reads = ReadStore()
    let mutes = MuteStore()

    /// Runs a body in one transaction that begins by taking the chat of a session, which must be there.
    /// - Throws: `Problem` 404, and what the body throws.
    func write<Value: Sendable>(
        _ session: SessionID, _ body: @escaping @Sendable (Chat, Timestamp, any Transaction) throws -> Value
    ) async throws -> Value {
        let now = clock.now()
        return try await database.write(.readCommitted) { tx in
            _ = try requireActivity(of: session, tx)
            return try body(try chats.take(of: session, at: now, tx), now, tx)
        }
    }

    /// The same for one message, which must not have been taken back.
    /// - Throws: `Problem` 404, and what the body throws.
    func write<Value: Sendable>(
        _ message: MessageID, in session: SessionID,
        _ body: @escaping @Sendable (Message, Chat, Timestamp, any Transaction) throws -> Value
    ) async throws -> Value {
        try await write(session) { chat, now, tx in
            guard let message = try messages.find(message, tx), message.chatID == chat.id, message.deletedAt == nil else {
                throw Problem.notFound("message")
            }
            return try body(message, chat, now, tx)
        }
    }

    /// The session that a message was said in; `nil` when there is no such message.
    func session(of message: MessageID) async throws -> SessionID? {
        try await database.read { tx in try messages.find(message, tx).map { SessionID($0.chatID) } }
    }

    /// Whether anything new may come into a session.
    /// - Throws: `Problem` 404.
    func requireActivity(of session: SessionID, _ tx: any Transaction) throws -> Bool {
        guard let isActive = try sessions.isActive(session, transaction: tx) else { throw Problem.notFound("session") }
        return isActive
    }

    /// What decides whether somebody may speak.
    func floor(_ speaker: Speaker, in chat: Chat, at now: Timestamp, _ tx: any Transaction) throws -> Floor {
        Floor(
            isOn: chat.settings.isOn, isActive: try requireActivity(of: chat.sessionID, tx), isModerator: speaker.isModerator,
            mute: try mutes.find(speaker.person, in: chat.id, tx),
            scene: try parties?.scene(in: chat.sessionID, for: speaker.person, at: now, transaction: tx))
    }

    /// What somebody calls themselves now; empty for a guest without a name.
    /// - Throws: `Problem` 401 for whoever was let in no longer.
    func name(of person: Person, in session: SessionID, at now: Timestamp, _ tx: any Transaction) throws -> String {
        try NameBook(grants: grants, names: names).name(of: person, in: session, at: now, transaction: tx)
    }

    /// - Throws: `Problem` 429.
    func limit(_ person: Person, _ what: String, _ limit: RateLimit) async throws {
        if let wait = await limiter.take("chat.\(what):\(person.text)", limit) { throw Problem.tooMany(retryAfter: wait) }
    }
}
