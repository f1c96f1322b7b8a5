import Core

/// Reading, reacting, and telling others of it.
extension ChatService {
    /// What was said, the newest first, with the reactions to it.
    /// - Parameters:
    ///   - photo: what it was said about; `nil` for anything.
    ///   - after: messages from here back are left out.
    ///   - before: messages from here on are left out.
    /// - Throws: `Problem` 404 also for a photo that the speaker is not shown.
    func list(
        _ session: SessionID, about photo: PhotoID? = nil, after: Int64, before: Int64, limit: Int, for speaker: Speaker
    ) async throws -> Page<MessageView> {
        let views = try await database.read { tx in
            _ = try requireActivity(of: session, tx)
            if let photo, !speaker.isModerator, try !sessions.isShown(photo, in: session, transaction: tx) {
                throw Problem.notFound("photo")
            }
            let found = try messages.list(ChatID(session), about: photo, after: after, before: before, limit: limit + 1, tx)
            let reactions = try reactions.of(found.map(\.id), asSeenBy: speaker.person, tx)
            return found.map { MessageView($0, in: session, reactions: reactions[$0.id] ?? []) }
        }
        return Page(views, limit: limit) { Cursor(key: $0.sequence, id: $0.id.description) }
    }

    /// The chat of a session as somebody in it sees it.
    /// - Throws: `Problem` 404.
    func view(_ session: SessionID, for speaker: Speaker) async throws -> ChatView {
        let now = clock.now()
        return try await database.read { tx in
            _ = try requireActivity(of: session, tx)
            return try view(try chats.find(of: session, tx), for: speaker, at: now, tx)
        }
    }

    func view(_ chat: Chat, for speaker: Speaker, at now: Timestamp, _ tx: any Transaction) throws -> ChatView {
        let read = try reads.sequence(of: speaker.person, in: chat.id, tx)
        let mute = try mutes.find(speaker.person, in: chat.id, tx).flatMap { $0.holds(at: now) && !speaker.isModerator ? $0 : nil }
        return ChatView(
            chatId: chat.id, sessionId: chat.sessionID, isOn: chat.settings.isOn, slowModeSeconds: chat.settings.slowModeSeconds,
            words: speaker.isModerator ? chat.settings.words : nil, lastSequence: chat.lastSequence, readSequence: read,
            unread: try unread(in: chat, of: speaker.person, after: read, tx), isMuted: mute != nil, mutedUntil: mute?.until,
            isModerator: speaker.isModerator)
    }

    /// Notes how far somebody has read; never goes back, nor beyond what there is.
    /// - Throws: `Problem` 404, 429.
    func markRead(_ session: SessionID, through sequence: Int64, by speaker: Speaker) async throws -> ReadView {
        try await limit(speaker.person, "signals", rules.signals)
        let (view, newsAt) = try await write(session) { chat, now, tx in
            let wanted = min(sequence, chat.lastSequence)
            let isNews = try wanted > 0 && reads.advance(speaker.person, to: wanted, in: chat.id, at: now, tx)
            let read = try reads.sequence(of: speaker.person, in: chat.id, tx)
            let view = ReadView(
                sessionId: session, chatId: chat.id, sequence: read,
                unread: try unread(in: chat, of: speaker.person, after: read, tx))
            return (view, isNews ? now : nil)
        }
        if let newsAt { try news.read(view, by: speaker.person, at: newsAt) }
        return view
    }

    private func unread(in chat: Chat, of person: Person, after sequence: Int64, _ tx: any Transaction) throws -> Int {
        if sequence >= chat.lastSequence { return 0 }
        return try messages.unread(chat.id, of: person, after: sequence, limit: rules.unread, tx)
    }

    /// Adds somebody's reaction, or takes it back; what is so already stays so.
    /// - Throws: `Problem` 404, 403 `muted` or `grant_missing`, 409 `session_ended`, `chat_off` or `too_many_reactions`, 422, 429.
    func react(
        _ emoji: String, isAdded: Bool, to id: MessageID, in session: SessionID, by speaker: Speaker
    ) async throws {
        let emoji = try Emoji.checked(emoji)
        try await limit(speaker.person, "speech", rules.speech)
        try await write(id, in: session) { message, chat, now, tx in
            try floor(speaker, in: chat, at: now, tx).check(at: now)
            let person = PersonView(speaker.person, name: try name(of: speaker.person, in: session, at: now, tx))
            let isNews = try isAdded
                ? add(emoji, to: message, by: speaker.person, at: now, tx) : reactions.remove(emoji, from: id, by: speaker.person, tx)
            guard isNews else { return }
            let count = try reactions.count(emoji, of: id, tx)
            try news.reacted(person, emoji, isAdded: isAdded, count: count, to: id, in: chat, tx)
        }
    }

    private func add(
        _ emoji: String, to message: Message, by person: Person, at now: Timestamp, _ tx: any Transaction
    ) throws -> Bool {
        guard try reactions.kinds(of: message.id, beside: emoji, tx) < rules.reactions else {
            throw Problem.conflict("too_many_reactions", "A message has at most \(rules.reactions) kinds of reactions.")
        }
        return try reactions.add(emoji, to: message, by: person, at: now, tx)
    }

    /// Tells the others that somebody types, or does so no more; nothing is kept of it.
    /// - Throws: `Problem` 404, 403 `muted` or `grant_missing`, 409 `session_ended` or `chat_off`, 429.
    func type(_ event: EventType, in session: SessionID, by speaker: Speaker) async throws {
        try await limit(speaker.person, "signals", rules.signals)
        let now = clock.now()
        let (chat, person) = try await database.read { tx in
            let chat = try chats.find(of: session, tx)
            try floor(speaker, in: chat, at: now, tx).check(at: now)
            return (chat, PersonView(speaker.person, name: try name(of: speaker.person, in: session, at: now, tx)))
        }
        try news.typing(event, person, in: chat, at: now)
    }
}
