/// Where an event is heard.
public enum Topic: Sendable, Hashable {
    /// What the least privileged guest of a session may see.
    case session(SessionID)
    /// What the staff of a session sees.
    case desk(SessionID)
    /// One person, on all devices.
    case user(UserID)

    /// The wire form, e.g. `session:0193…`.
    public var name: String {
        switch self {
        case .session(let id): "session:\(id)"
        case .desk(let id): "desk:\(id)"
        case .user(let id): "user:\(id)"
        }
    }

    /// Parses the wire form; `nil` for anything else.
    public init?(_ name: String) {
        let parts = name.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        switch parts[0] {
        case "session": if let id = SessionID(parts[1]) { self = .session(id) } else { return nil }
        case "desk": if let id = SessionID(parts[1]) { self = .desk(id) } else { return nil }
        case "user": if let id = UserID(parts[1]) { self = .user(id) } else { return nil }
        default: return nil
        }
    }
}
