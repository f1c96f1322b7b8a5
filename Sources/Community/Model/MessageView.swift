import Core

/// A message as it crosses the wires.
struct MessageView: WireType, Equatable {
    var id: MessageID
    var chatId: ChatID
    var sessionId: SessionID
    var sequence: Int64
    var author: PersonView
    var text: String
    var replyTo: MessageID?
    var photoId: PhotoID?
    var moment: FilmMoment?
    var clientId: String?
    var createdAt: Timestamp
    var editedAt: Timestamp?
    var deletedAt: Timestamp?
    var reactions: [ReactionView]?

    /// - Parameter reactions: only for lists: events are the same for everybody, and outlive reactions.
    init(_ message: Message, in session: SessionID, reactions: [Reaction]? = nil) {
        id = message.id
        chatId = message.chatID
        sessionId = session
        sequence = message.sequence
        author = PersonView(message.author, name: message.authorName)
        text = message.text
        replyTo = message.replyTo
        photoId = message.photoID
        moment = message.moment
        clientId = message.clientID
        createdAt = message.createdAt
        editedAt = message.editedAt
        deletedAt = message.deletedAt
        self.reactions = reactions?.map { ReactionView(emoji: $0.emoji, count: $0.count, isMine: $0.isMine) }
    }

    static let schema = Schema.object([
        .field("id", .formatted(.uuid)),
        .field("chatId", .formatted(.uuid)),
        .field("sessionId", .formatted(.uuid)),
        .field("sequence", .integer(1...Int64.max), "Its place in the chat."),
        .field("author", PersonView.schema),
        .field("text", .string(0...ChatRules.textLength.upperBound), "Empty once the message is deleted."),
        .optional("replyTo", .formatted(.uuid), "A message of the same chat."),
        .optional("photoId", .formatted(.uuid), "A photo of the same session."),
        .optional("moment", FilmMoment.schema, "In a party: where the film was when it was said."),
        .optional("clientId", .string(1...64), "What the author's program called it."),
        .field("createdAt", .formatted(.dateTime)),
        .optional("editedAt", .formatted(.dateTime)),
        .optional("deletedAt", .formatted(.dateTime)),
        .optional("reactions", .array(of: ReactionView.schema), "Only in lists; the first kind first."),
    ])
}

/// Reactions of one kind.
struct ReactionView: WireType, Equatable {
    var emoji: String
    var count: Int
    var isMine: Bool

    static let schema = Schema.object([
        .field("emoji", .string(1...Emoji.maxBytes)),
        .field("count", .integer(0...Int64.max)),
        .field("isMine", .boolean, "Whether the caller is among them."),
    ])
}

/// What a new message is to be.
struct MessageInput: WireType {
    var text: String
    var replyTo: MessageID?
    var photoId: PhotoID?
    var clientId: String?

    static let fields: [Schema.Field] = [
        .field("text", .string(ChatRules.textLength), "No control characters but line feeds."),
        .optional("replyTo", .formatted(.uuid), "A message of the same chat."),
        .optional("photoId", .formatted(.uuid), "A photo of the same session that everybody may see."),
        .optional(
            "clientId", .string(1...64), "Made up by the client: sent again, it answers with the message that there is."),
    ]
    static let schema = Schema.object(fields)

    /// - Throws: `Problem` 422.
    func draft() throws -> Draft {
        Draft(text: try MessageText.checked(text), replyTo: replyTo, photoID: photoId, clientID: clientId)
    }
}

/// What is to be said about a photo.
struct CommentInput: WireType {
    var text: String
    var replyTo: MessageID?
    var clientId: String?

    static let schema = Schema.object(MessageInput.fields.filter { $0.name != "photoId" })

    /// - Throws: `Problem` 422.
    func draft(about photo: PhotoID) throws -> Draft {
        try MessageInput(text: text, replyTo: replyTo, photoId: photo, clientId: clientId).draft()
    }
}

/// What a message is to say instead.
struct MessageEdit: WireType {
    var text: String

    static let schema = Schema.object([.field("text", .string(ChatRules.textLength))])
}
