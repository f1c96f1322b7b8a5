import Core

/// What can be done in a chat over the wires.
enum ChatCommand: String, Sendable, CaseIterable {
    case sendMessage = "send_message"
    /// The same in a party, which is named as such.
    case partyChat = "party_chat"
    case editMessage = "edit_message"
    case deleteMessage = "delete_message"
    case typing
    case stopTyping = "stop_typing"
    case messageRead = "message_read"

    /// Its row in the event table.
    var type: EventType {
        EventType(
            rawValue, sender: .client, durability: .ephemeral, payload: .object(fields), aliases: aliases, about: about)
    }

    private static let session: Schema.Field = .field("sessionId", .formatted(.uuid))
    private static let message: Schema.Field = .field("messageId", .formatted(.uuid))

    private var fields: [Schema.Field] {
        switch self {
        case .sendMessage: [Self.session] + MessageInput.fields
        case .partyChat: [.field("partyId", .formatted(.uuid))] + MessageInput.fields.filter { $0.name != "photoId" }
        case .editMessage: [Self.message, .field("text", .string(ChatRules.textLength))]
        case .deleteMessage: [Self.message]
        case .typing, .stopTyping: [Self.session]
        case .messageRead: [Self.session, .field("sequence", .integer(0...Int64.max), "Of the latest message read.")]
        }
    }

    private var aliases: [String] {
        switch self {
        case .sendMessage: ["sendMessage", "message:send", "chat_message", "chatMessage"]
        case .partyChat: ["partyChat", "party:chat"]
        case .editMessage: ["editMessage", "message:edit", "update_message", "updateMessage"]
        case .deleteMessage: ["deleteMessage", "message:delete", "remove_message", "removeMessage"]
        case .typing: ["typing:start", "start_typing", "startTyping", "typing_start"]
        case .stopTyping: ["stopTyping", "typing:stop", "typing_stop"]
        case .messageRead: ["messageRead", "message:read", "mark_read", "markRead", "mark_as_read", "markAsRead"]
        }
    }

    private var about: String {
        switch self {
        case .sendMessage: "Says something in a session; the `ack` has the message once it is stored."
        case .partyChat: "Says something in a party; the `ack` has the message, with where the film was."
        case .editMessage: "Changes one's own message; the `ack` has it."
        case .deleteMessage: "Takes a message back."
        case .typing: "Tells the others that one types; at most every few seconds, for it holds for 6 s."
        case .stopTyping: "Tells the others that one types no more."
        case .messageRead: "Notes how far one has read; the `ack` has what is unread."
        }
    }
}
