import Core

/// What clients join: a session, or a party, which is a session as well.
enum Gathering: Sendable, Hashable {
    case session(SessionID)
    case party(SessionID)

    /// Of the session, also of a party.
    var id: SessionID { switch self { case .session(let id), .party(let id): id } }

    /// Whether it is a party.
    var isParty: Bool { if case .party = self { true } else { false } }

    /// What has to be open to whoever joins.
    var topics: [Topic] {
        switch self {
        case .session(let id): [.session(id)]
        case .party(let id): [.session(id), .party(id)]
        }
    }

    /// What is followed as well by those to whom it is open.
    var staffTopic: Topic? { if case .session(let id) = self { .desk(id) } else { nil } }

    /// What may be followed by joining it.
    var allTopics: [Topic] { topics + (staffTopic.map { [$0] } ?? []) }
}
