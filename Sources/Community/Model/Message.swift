import Core
import Crypto
import Foundation

/// Something said in a chat.
struct Message: Sendable, Equatable {
    var id: MessageID
    var chatID: ChatID
    /// Its place in the chat, from 1.
    var sequence: Int64
    var author: Person
    /// What the author was called when it was said.
    var authorName: String
    /// Empty once it is taken back.
    var text: String
    var replyTo: MessageID?
    var photoID: PhotoID?
    /// Where the film was that a party watched.
    var moment: FilmMoment?
    /// What the author's program calls it.
    var clientID: String?
    var createdAt: Timestamp
    var editedAt: Timestamp?
    var deletedAt: Timestamp?

    /// Leaves its place, and nothing of what was said.
    mutating func blank(at now: Timestamp) {
        (text, photoID, deletedAt) = ("", nil, now)
    }
}

/// A message as its author wants it.
struct Draft: Sendable, Equatable {
    var text: String
    var replyTo: MessageID?
    var photoID: PhotoID?
    var clientID: String?

    /// Tells whether the same is said again under the same client id, whatever has been changed since.
    func digest(in chat: ChatID) -> String {
        let parts = [chat.description, replyTo?.description ?? "", photoID?.description ?? "", text]
        return SHA256.hash(data: Data(parts.joined(separator: "\n").utf8)).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}

/// How often a message was reacted to in one way.
struct Reaction: Sendable, Equatable {
    var emoji: String
    var count: Int
    /// Whether the one who asks is among them.
    var isMine: Bool
}
