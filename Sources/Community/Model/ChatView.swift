import Core

/// A chat as somebody in it sees it.
struct ChatView: WireType, Equatable {
    var chatId: ChatID
    var sessionId: SessionID
    var isOn: Bool
    var slowModeSeconds: Int
    var words: [String]?
    var lastSequence: Int64
    var readSequence: Int64
    var unread: Int
    var isMuted: Bool
    var mutedUntil: Timestamp?
    var isModerator: Bool

    static let schema = Schema.object([
        .field("chatId", .formatted(.uuid)),
        .field("sessionId", .formatted(.uuid)),
        .field("isOn", .boolean, "Whether anything can be said."),
        .field("slowModeSeconds", .integer(0...3600), "Between two messages of one person; 0 for none."),
        .optional("words", .array(of: .string(), count: ChatRules.words), "What must not be said; only moderators see it."),
        .field("lastSequence", .integer(0...Int64.max), "Of the latest message; 0 when there is none."),
        .field("readSequence", .integer(0...Int64.max), "Of the latest message that the caller has read."),
        .field("unread", .integer(0...Int64.max), "Messages of others after it, counted up to 1000."),
        .field("isMuted", .boolean, "Whether the caller may read only."),
        .optional("mutedUntil", .formatted(.dateTime), "Absent when it is for good."),
        .field("isModerator", .boolean),
    ])
}

/// What is to be decided otherwise; what is left out stays.
struct ChatChange: WireType {
    var isOn: Bool?
    var slowModeSeconds: Int?
    var words: [String]?

    static let schema = Schema.object([
        .optional("isOn", .boolean, "False closes the chat: it can be read only."),
        .optional("slowModeSeconds", .integer(Int64(ChatRules.slowMode.lowerBound)...Int64(ChatRules.slowMode.upperBound))),
        .optional(
            "words", .array(of: .string(ChatRules.wordLength), count: ChatRules.words),
            "Words and phrases that must not be said; kept in lower case."),
    ])

    /// - Throws: `Problem` 422.
    func apply(to settings: inout Chat.Settings) throws {
        settings.isOn = isOn ?? settings.isOn
        settings.slowModeSeconds = slowModeSeconds ?? settings.slowModeSeconds
        settings.words = try words.map(WordFilter.normalised) ?? settings.words
    }
}

/// How far somebody has read.
struct ReadMark: WireType {
    var sequence: Int64

    static let schema = Schema.object([.field("sequence", .integer(0...Int64.max), "Of the latest message read.")])
}

/// Where somebody stands in a chat: the answer to `ReadMark`, and the data of `message_read`.
struct ReadView: WireType, Equatable {
    var sessionId: SessionID
    var chatId: ChatID
    var sequence: Int64
    var unread: Int

    static let schema = Schema.object([
        .field("sessionId", .formatted(.uuid)),
        .field("chatId", .formatted(.uuid)),
        .field("sequence", .integer(0...Int64.max), "Of the latest message read; it never goes back."),
        .field("unread", .integer(0...Int64.max), "Messages of others after it, counted up to 1000."),
    ])
}

/// Somebody who may not speak, as moderators see them.
struct MuteView: WireType, Equatable {
    var person: PersonView
    var until: Timestamp?
    var createdAt: Timestamp

    init(_ mute: Mute) {
        person = PersonView(mute.person, name: mute.name)
        until = mute.until
        createdAt = mute.createdAt
    }

    static let schema = Schema.object([
        .field("person", PersonView.schema),
        .optional("until", .formatted(.dateTime), "Absent when it is for good."),
        .field("createdAt", .formatted(.dateTime)),
    ])
}

/// How long somebody may not speak.
struct MuteInput: WireType {
    var until: Timestamp?

    static let schema = Schema.object([.optional("until", .formatted(.dateTime), "For good unless said.")])
}
