import Core

/// The data of `user_joined` and `user_left`: who follows a session now.
struct Presence: WireType, Equatable {
    /// How many people are named at most.
    static let limit = 20

    var sessionId: SessionID
    /// People, however many connections each has, and scripts.
    var count: Int
    /// By name; those without one are only counted.
    var people: [PresentPerson]
    /// Whether more have a name.
    var sampled: Bool

    static let people = Schema.Field.field(
        "people", .array(of: PresentPerson.schema, count: 0...limit), "Who of them has a name: all, or on joining at most \(limit) and afterwards none.")
    static let sampled = Schema.Field.field("sampled", .boolean, "Whether more have one than are named.")
    static let schema = Schema.object([
        .field("sessionId", .formatted(.uuid)),
        .field("count", .integer(0...Int64.max), "How many follow the session now."),
        people, sampled,
    ])

    init(_ session: SessionID, _ attendance: Attendance) {
        (sessionId, count, sampled) = (session, attendance.count, attendance.isSample)
        // One person may be there under an older name, too.
        let everybody = Dictionary(attendance.members.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        people = everybody.values.compactMap(PresentPerson.init).sorted { ($0.name, $0.userId ?? "") < ($1.name, $1.userId ?? "") }
    }

    /// Whether whoever was told `other` knows all of this. Of a sample nobody asks who is in it.
    func says(noMoreThan other: Presence) -> Bool {
        count == other.count && sampled == other.sampled && (sampled || people == other.people)
    }
}

/// Somebody with a name who follows a session.
struct PresentPerson: WireType, Equatable {
    var name: String
    var kind: String
    /// Of an account.
    var userId: String?

    static let schema = Schema.object([
        .field("name", .string(), "What a guest gave on entering, or the account's."),
        .field("kind", .oneOf(["guest", "user"])),
        .optional("userId", .formatted(.uuid), "Of an account."),
    ])

    init?(_ member: PresenceMember) {
        let parts = member.id.split(separator: ":", maxSplits: 1).map(String.init)
        guard let label = member.label, parts.count == 2 else { return nil }
        (name, kind) = (label, parts[0])
        userId = kind == PresenceMember.user ? parts[1] : nil
    }
}

extension PresenceMember {
    fileprivate static let user = "user"

    /// Whoever follows as that principal; a script is only counted.
    init?(_ principal: Principal, name: String?) {
        switch principal {
        case .user(let id, _, _): self.init(id: "\(Self.user):\(id)", label: name)
        case .guest(let token): self.init(id: "guest:\(token.grantID)", label: name)
        case .key(let key, _, _, _): self.init(id: "key:\(key)")
        case .anonymous: return nil
        }
    }
}
