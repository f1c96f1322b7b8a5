/// Where an event is heard.
public enum Topic: Sendable, Hashable {
    /// What the least privileged guest of a session may see.
    case session(SessionID)
    /// What the staff of a session sees.
    case desk(SessionID)
    /// What those who watch a film together are told beside what is in `session`, which has the same id.
    case party(SessionID)
    /// One person, on all devices.
    case user(UserID)
    /// Everybody who is connected. Nobody follows it, and it has ephemeral events alone.
    case everyone

    /// What a topic is of: who may follow is decided for all of a kind in one place.
    public enum Kind: String, Sendable, CaseIterable {
        case session, desk, party, user, everyone
    }

    public var kind: Kind {
        switch self {
        case .session: .session
        case .desk: .desk
        case .party: .party
        case .user: .user
        case .everyone: .everyone
        }
    }

    /// The wire form, e.g. `session:0193…`.
    public var name: String {
        switch self {
        case .session(let id), .desk(let id), .party(let id): "\(kind.rawValue):\(id)"
        case .user(let id): "\(kind.rawValue):\(id)"
        case .everyone: kind.rawValue
        }
    }

    /// Parses the wire form; `nil` for anything else.
    public init?(_ name: String) {
        let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let kind = Kind(rawValue: parts[0]), parts.count == (kind == .everyone ? 1 : 2) else { return nil }
        switch kind {
        case .session: if let id = SessionID(parts[1]) { self = .session(id) } else { return nil }
        case .desk: if let id = SessionID(parts[1]) { self = .desk(id) } else { return nil }
        case .party: if let id = SessionID(parts[1]) { self = .party(id) } else { return nil }
        case .user: if let id = UserID(parts[1]) { self = .user(id) } else { return nil }
        case .everyone: self = .everyone
        }
    }
}
