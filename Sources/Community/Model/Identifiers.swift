public import Core

extension Subject {
    /// People who talk with each other.
    public enum Chat {}
    /// Something said in a chat.
    public enum Message {}
}

/// Names a chat; that of a session's chat is the session's own.
public typealias ChatID = Identifier<Subject.Chat>
/// Names a message.
public typealias MessageID = Identifier<Subject.Message>
