import Core

/// Tells of what has just been written, in the same transaction.
struct ChatNews: Sendable {
    let events: any EventPublisher & EventRewriter

    /// - Parameter isParty: there it has a name of its own, and is told with all else that happens to the film.
    func said(_ message: Message, in chat: Chat, isParty: Bool, _ tx: any Transaction) throws {
        let view = MessageView(message, in: chat.sessionID)
        let (type, topic) = isParty ? (CommunityEvents.partyChat, Topic.party(chat.sessionID)) : (CommunityEvents.newMessage, chat.topic)
        try events.publish(try DurableEvent(topic: topic, type: type, data: view, subject: Self.subject(message.id)), in: tx)
    }

    /// What the message said before is not to be had from the history any more.
    func edited(_ message: Message, in chat: Chat, _ tx: any Transaction) throws {
        try rewrite(message, in: chat, tx)
        try publish(CommunityEvents.messageEdited, MessageView(message, in: chat.sessionID), in: chat, subject: message.id, tx)
    }

    /// What the message said is not to be had from the history any more.
    func deleted(_ message: Message, byModerator: Bool, in chat: Chat, _ tx: any Transaction) throws {
        try rewrite(message, in: chat, tx)
        let news = MessageDeleted(
            id: message.id, chatId: chat.id, sessionId: chat.sessionID, sequence: message.sequence, byModerator: byModerator)
        try publish(CommunityEvents.messageDeleted, news, in: chat, tx)
    }

    func reacted(
        _ person: PersonView, _ emoji: String, isAdded: Bool, count: Int, to message: MessageID, in chat: Chat, _ tx: any Transaction
    ) throws {
        let news = MessageReaction(
            messageId: message, chatId: chat.id, sessionId: chat.sessionID, person: person, emoji: emoji, isAdded: isAdded,
            count: count)
        try publish(CommunityEvents.messageReaction, news, in: chat, tx)
    }

    func updated(_ chat: Chat, _ tx: any Transaction) throws {
        let news = ChatUpdated(
            chatId: chat.id, sessionId: chat.sessionID, isOn: chat.settings.isOn, slowModeSeconds: chat.settings.slowModeSeconds)
        try publish(CommunityEvents.chatUpdated, news, in: chat, tx)
    }

    /// Guests have no topic of their own. The latest is all that counts, and everybody reads: nothing for the history.
    func read(_ view: ReadView, by person: Person, at now: Timestamp) throws {
        guard let user = person.userID else { return }
        let key = view.chatId.description
        events.send(try EphemeralEvent(topic: .user(user), type: CommunityEvents.messageRead, key: key, data: view, at: now))
    }

    func typing(_ type: EventType, _ person: PersonView, in chat: Chat, at now: Timestamp) throws {
        let news = TypingNews(chatId: chat.id, sessionId: chat.sessionID, person: person)
        events.send(try EphemeralEvent(topic: chat.topic, type: type, key: "\(person.kind):\(person.id)", data: news, at: now))
    }

    private func rewrite(_ message: Message, in chat: Chat, _ tx: any Transaction) throws {
        let view = try JSON.text(MessageView(message, in: chat.sessionID))
        for topic in [chat.topic, .party(chat.sessionID)] { try events.rewrite(Self.subject(message.id), of: topic, as: view, in: tx) }
    }

    private func publish(
        _ type: EventType, _ data: some Encodable, in chat: Chat, subject: MessageID? = nil, _ tx: any Transaction
    ) throws {
        let event = try DurableEvent(topic: chat.topic, type: type, data: data, subject: subject.map(Self.subject))
        try events.publish(event, in: tx)
    }

    private static func subject(_ message: MessageID) -> String { "message:\(message)" }
}
