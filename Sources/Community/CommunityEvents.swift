public import Core

/// The events this feature publishes and the commands it carries out: rows of the event table.
public enum CommunityEvents {
    static let newMessage = EventType("new_message", payload: MessageView.schema, about: "Somebody has said something.")

    static let partyChat = EventType(
        "party_chat", payload: MessageView.schema, about: "Somebody has said something in a party: there in the place of `new_message`.")

    static let messageEdited = EventType(
        "message_edited", payload: MessageView.schema, about: "An author has changed a message.")

    static let messageDeleted = EventType(
        "message_deleted", payload: MessageDeleted.schema,
        about: "A message was taken back, or removed by a moderator. Earlier events of it lose their text in the history.")

    static let messageReaction = EventType(
        "message_reaction", payload: MessageReaction.schema, about: "Somebody has reacted to a message, or does so no more.")

    static let chatUpdated = EventType(
        "chat_updated", payload: ChatUpdated.schema, about: "The rules of a chat have changed.")

    static let messageRead = EventType(
        "message_read", durability: .ephemeral, payload: ReadView.schema,
        about: "Somebody has read on, on one of their devices; on the topic `user:` only, so guests get it in the answer alone.")

    static let typing = EventType(
        "typing", durability: .ephemeral, payload: TypingNews.schema,
        about: "Somebody types. It holds for 6 s unless it comes again, or a message or `stop_typing` does.")

    static let stopTyping = EventType(
        "stop_typing", durability: .ephemeral, payload: TypingNews.schema, about: "Somebody types no more.")

    private static let published = [
        newMessage, partyChat, messageEdited, messageDeleted, messageReaction, chatUpdated, messageRead, typing, stopTyping,
    ]

    /// Everything, for the event table.
    public static let all = published + ChatCommand.allCases.map(\.type)
}

/// The data of `message_deleted`.
struct MessageDeleted: WireType, Equatable {
    var id: MessageID
    var chatId: ChatID
    var sessionId: SessionID
    var sequence: Int64
    var byModerator: Bool

    static let schema = Schema.object([
        .field("id", .formatted(.uuid), "Of the message."),
        .field("chatId", .formatted(.uuid)),
        .field("sessionId", .formatted(.uuid)),
        .field("sequence", .integer(1...Int64.max), "Of the message."),
        .field("byModerator", .boolean, "Whether it was somebody else than the author."),
    ])
}

/// The data of `message_reaction`.
struct MessageReaction: WireType, Equatable {
    var messageId: MessageID
    var chatId: ChatID
    var sessionId: SessionID
    var person: PersonView
    var emoji: String
    var isAdded: Bool
    var count: Int

    static let schema = Schema.object([
        .field("messageId", .formatted(.uuid)),
        .field("chatId", .formatted(.uuid)),
        .field("sessionId", .formatted(.uuid)),
        .field("person", PersonView.schema),
        .field("emoji", .string(1...Emoji.maxBytes)),
        .field("isAdded", .boolean, "False when it was taken back."),
        .field("count", .integer(0...Int64.max), "How many react to it so now."),
    ])
}

/// The data of `chat_updated`: what everybody may know.
struct ChatUpdated: WireType, Equatable {
    var chatId: ChatID
    var sessionId: SessionID
    var isOn: Bool
    var slowModeSeconds: Int

    static let schema = Schema.object([
        .field("chatId", .formatted(.uuid)),
        .field("sessionId", .formatted(.uuid)),
        .field("isOn", .boolean, "Whether anything can be said."),
        .field("slowModeSeconds", .integer(0...3600)),
    ])
}

/// The data of `typing` and `stop_typing`.
struct TypingNews: WireType, Equatable {
    var chatId: ChatID
    var sessionId: SessionID
    var person: PersonView

    static let schema = Schema.object([
        .field("chatId", .formatted(.uuid)),
        .field("sessionId", .formatted(.uuid)),
        .field("person", PersonView.schema),
    ])
}
