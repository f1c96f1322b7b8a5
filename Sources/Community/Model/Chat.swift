import Core

/// People who talk with each other, and the rules that one of them has made.
struct Chat: Sendable, Equatable {
    /// Who is in it. Further kinds share its tables.
    enum Kind: String, Sendable, SQLConvertible {
        /// Whoever may see the session.
        case session
    }

    var id: ChatID
    var kind: Kind
    var sessionID: SessionID
    var settings: Settings
    /// Of the latest message, 0 when there is none.
    var lastSequence: Int64

    /// What moderators decide.
    struct Settings: Sendable, Equatable {
        /// Whether anybody may say anything.
        var isOn = true
        /// Seconds that somebody has to wait between two messages; 0 for none.
        var slowModeSeconds = 0
        /// What must not be said, folded and in order.
        var words: [String] = []
    }

    /// The chat of a session, as it is before anything has been said or decided.
    init(of session: SessionID) {
        id = ChatID(session)
        kind = .session
        sessionID = session
        settings = Settings()
        lastSequence = 0
    }

    var topic: Topic { .session(sessionID) }
}

/// Somebody who may read and not speak.
struct Mute: Sendable, Equatable {
    var person: Person
    /// At the time of muting.
    var name: String
    /// `nil` for good.
    var until: Timestamp?
    var createdAt: Timestamp

    func holds(at now: Timestamp) -> Bool { until.map { now < $0 } ?? true }
}
