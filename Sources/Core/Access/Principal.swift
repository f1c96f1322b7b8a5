/// Who is asking. Built once per request or connection by the authenticator; everything after it decides on this value.
public enum Principal: Sendable, Equatable {
    /// Nobody signed in.
    case anonymous
    /// A person on one of their devices, with an access token.
    case user(UserID, role: Role, device: DeviceID)
    /// A script with an API key of a person: that person's role, within the key's scopes.
    case key(GrantID, owner: UserID, role: Role, scopes: Set<Scope>)
    /// Somebody let in by a grant: a guest with a code, a share link.
    case guest(GrantToken)

    /// The account behind the principal; `nil` for guests and strangers.
    public var userID: UserID? {
        switch self {
        case .user(let id, _, _), .key(_, let id, _, _): id
        case .anonymous, .guest: nil
        }
    }

    /// The account's role; `nil` for guests and strangers.
    public var role: Role? {
        switch self {
        case .user(_, let role, _), .key(_, _, let role, _): role
        case .anonymous, .guest: nil
        }
    }

    /// Whether an API key's scopes allow it; people and guests are not limited by scopes.
    public func has(_ scope: Scope) -> Bool {
        if case .key(_, _, _, let scopes) = self { scopes.contains(scope) } else { true }
    }
}

/// What an account may do in general.
public enum Role: String, Sendable, Codable, CaseIterable, Comparable, SQLConvertible {
    /// Joins sessions, chats and parties; keeps favourites.
    case member
    /// Also creates sessions.
    case photographer
    /// Everything, everywhere.
    case admin

    private var rank: Int { Self.allCases.firstIndex(of: self)! }
    public static func < (lhs: Role, rhs: Role) -> Bool { lhs.rank < rhs.rank }
}

/// What an API key may do of the things its owner may.
public enum Scope: String, Sendable, Codable, CaseIterable, SQLConvertible {
    /// Send files.
    case upload
    /// Look at sessions, photos and media.
    case read
    /// Create, change and delete.
    case manage
    /// What it sends is shown without having been reviewed.
    case publish
}

/// What a grant lets its holder do within one session.
public struct Rights: OptionSet, Sendable, Hashable, Codable, SQLConvertible {
    public let rawValue: Int

    public init(rawValue: Int) { self.rawValue = rawValue }

    /// See approved photos and their renditions.
    public static let view = Rights(rawValue: 1)
    /// Fetch the clean original.
    public static let original = Rights(rawValue: 2)
    /// Send files.
    public static let upload = Rights(rawValue: 4)
    /// See what staff sees (the desk): pending and failed photos, the access code.
    public static let desk = Rights(rawValue: 8)
    /// Change the session, moderate, share and delete.
    public static let manage = Rights(rawValue: 16)

    /// A limit instead of a right: the token opens media URLs and nothing else. URLs get shared and logged.
    public static let mediaOnly = Rights(rawValue: 32)

    /// Save what may be seen: renditions as attachments, and archives of them.
    public static let download = Rights(rawValue: 64)
    /// Mark photos as chosen.
    public static let select = Rights(rawValue: 128)

    /// A limit instead of a right: downloads are counted, for whoever gave the token allows so many.
    public static let counted = Rights(rawValue: 256)

    /// Moderate photos and change what is written about them; whoever may manage may do this too.
    public static let edit = Rights(rawValue: 512)
    /// What is sent is shown without having been reviewed.
    public static let publish = Rights(rawValue: 1024)

    /// A limit instead of a right: the session is archived, and nothing in it changes. It is in what is held, never in a grant.
    public static let frozen = Rights(rawValue: 1 << 20)

    public static let guest: Rights = [.view, .download]
    public static let owner: Rights = [.view, .original, .upload, .desk, .manage, .download, .select, .edit]
}

extension Rights {
    /// The names of rights, as clients know them; limits have none.
    public static let named: [(name: String, right: Rights)] = [
        ("view", .view), ("download", .download), ("original", .original), ("upload", .upload), ("select", .select),
        ("desk", .desk), ("edit", .edit), ("manage", .manage), ("publish", .publish),
    ]

    /// The names of all that are held.
    public var names: [String] { Self.named.filter { contains($0.right) }.map(\.name) }

    /// The rights of those names; others say nothing.
    public init(names: some Sequence<String>) {
        let wanted = Set(names)
        self = Self.named.filter { wanted.contains($0.name) }.reduce(into: []) { $0.formUnion($1.right) }
    }
}
