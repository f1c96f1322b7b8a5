import Core

/// Saying, changing and taking back.
extension ChatService {
    /// Says something.
    /// - Returns: the message, and whether it is news: a draft that was sent before under its client id is not.
    /// - Throws: `Problem` 404, 403 `muted` or `grant_missing`, 409 `session_ended`, `chat_off`, `client_id_reused` or `chat_full`, 422, 429 `slow_mode` and
    ///   `too_many_requests`.
    func send(_ draft: Draft, to session: SessionID, by speaker: Speaker) async throws -> (view: MessageView, isNew: Bool) {
        try await limit(speaker.person, "speech", rules.speech)
        let text = FoldedText(draft.text)
        do {
            return try await write(session) { chat, now, tx in
                if let known = try known(draft, of: speaker.person, in: chat, tx) {
                    return (MessageView(known, in: session), false)
                }
                let floor = try floor(speaker, in: chat, at: now, tx)
                try admit(draft, text, to: chat, by: speaker, floor, at: now, tx)
                let message = Message(
                    id: MessageID(at: now), chatID: chat.id, sequence: chat.lastSequence + 1, author: speaker.person,
                    authorName: try name(of: speaker.person, in: session, at: now, tx), text: draft.text, replyTo: draft.replyTo,
                    photoID: draft.photoID, moment: floor.scene?.moment, clientID: draft.clientID, createdAt: now)
                try messages.insert(message, digest: draft.digest(in: chat.id), tx)
                try chats.setLastSequence(message.sequence, of: chat.id, tx)
                try news.said(message, in: chat, isParty: floor.scene != nil, tx)
                return (MessageView(message, in: session), true)
            }
        } catch DatabaseError.duplicate {
            // Said in another chat at this very moment.
            throw Self.reused
        }
    }

    /// Says something about a photo.
    /// - Throws: `Problem` 404 also for a photo that not everybody may see; otherwise as `send`.
    func comment(_ draft: Draft, in session: SessionID, by speaker: Speaker) async throws -> (view: MessageView, isNew: Bool) {
        let isShown = try await database.read { tx in
            try draft.photoID.map { try sessions.isShown($0, in: session, transaction: tx) } ?? false
        }
        if !isShown { throw Problem.notFound("photo") }
        return try await send(draft, to: session, by: speaker)
    }

    private static let reused = Problem.conflict("client_id_reused", "Something else was said under that client id.")

    private func known(_ draft: Draft, of author: Person, in chat: Chat, _ tx: any Transaction) throws -> Message? {
        guard let clientID = draft.clientID, let (message, digest) = try messages.find(clientID: clientID, of: author, tx) else {
            return nil
        }
        // Of what was taken back nothing is left to compare but where it was said.
        guard message.chatID == chat.id, digest == nil || digest == draft.digest(in: chat.id) else { throw Self.reused }
        return message
    }

    private func admit(
        _ draft: Draft, _ text: FoldedText, to chat: Chat, by speaker: Speaker, _ floor: Floor, at now: Timestamp, _ tx: any Transaction
    ) throws {
        try floor.check(at: now)
        let slowMode = chat.settings.slowModeSeconds
        let last = slowMode > 0 ? try messages.lastTime(of: speaker.person, in: chat.id, tx) : nil
        try floor.checkPace(since: last, slowModeSeconds: slowMode, at: now)
        try Self.check(text, by: chat.settings.words)
        guard chat.lastSequence < rules.messages else {
            throw Problem.conflict("chat_full", "Too much has been said here; nothing more can be.")
        }
        if let reply = draft.replyTo {
            let original = try messages.find(reply, tx)
            guard let original, original.chatID == chat.id, original.deletedAt == nil else {
                throw Problem.invalid("/replyTo", "There is no such message here to reply to.")
            }
        }
        if let photo = draft.photoID, try !sessions.isShown(photo, in: chat.sessionID, transaction: tx) {
            throw Problem.invalid("/photoId", "There is no such photo here that everybody may see.")
        }
    }

    private static func check(_ text: FoldedText, by words: [String]) throws {
        guard WordFilter(words).refuses(text) else { return }
        throw Problem(422, "word_refused", "The message has a word in it that is not wanted here.", members: ["field": "/text"])
    }

    /// Changes one's own message, for a while.
    /// - Throws: `Problem` 404, 403 `not_author`, `too_late`, `muted` or `grant_missing`, 409 `session_ended` or `chat_off`, 422, 429.
    func edit(_ id: MessageID, to text: String, in session: SessionID, by speaker: Speaker) async throws -> MessageView {
        let text = try MessageText.checked(text)
        try await limit(speaker.person, "speech", rules.speech)
        let folded = FoldedText(text)
        return try await write(id, in: session) { old, chat, now, tx in
            try requireAuthor(speaker, of: old, within: rules.editWindow, at: now)
            try floor(speaker, in: chat, at: now, tx).check(at: now)
            try Self.check(folded, by: chat.settings.words)
            if old.text == text { return MessageView(old, in: session) }
            var message = old
            (message.text, message.editedAt) = (text, now)
            try messages.setText(text, of: id, at: now, tx)
            try news.edited(message, in: chat, tx)
            return MessageView(message, in: session)
        }
    }

    /// Takes back one's own message, for a while; moderators remove any at any time.
    /// - Throws: `Problem` 404, 403 `not_author` or `too_late`, 429.
    func delete(_ id: MessageID, in session: SessionID, by speaker: Speaker) async throws {
        try await limit(speaker.person, "speech", rules.speech)
        try await write(id, in: session) { old, chat, now, tx in
            if !speaker.isModerator { try requireAuthor(speaker, of: old, within: rules.deletionWindow, at: now) }
            var message = old
            message.blank(at: now)
            try messages.blank(id, at: now, tx)
            try news.deleted(message, byModerator: old.author != speaker.person, in: chat, tx)
        }
    }

    private func requireAuthor(_ speaker: Speaker, of message: Message, within window: Duration, at now: Timestamp) throws {
        guard message.author == speaker.person else {
            throw Problem.forbidden("The message is somebody else's.", code: "not_author")
        }
        guard now < message.createdAt + window else {
            throw Problem.forbidden("The message has been there for too long.", code: "too_late")
        }
    }
}
