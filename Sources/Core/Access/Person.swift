/// Somebody who leaves something of their own behind: an account, or a guest by the grant that let them in.
public enum Person: Sendable, Hashable {
    case user(UserID)
    case guest(GrantID)

    /// Who a principal acts as; a script acts as its owner, and a stranger as nobody.
    public init?(_ principal: Principal) {
        switch principal {
        case .user(let id, _, _), .key(_, let id, _, _): self = .user(id)
        case .guest(let token): self = .guest(token.grantID)
        case .anonymous: return nil
        }
    }

    /// Reads `user:<id>` or `guest:<id>`.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        switch parts.first {
        case "user": if let id = parts.last.flatMap({ UserID($0) }) { self = .user(id) } else { return nil }
        case "guest": if let id = parts.last.flatMap({ GrantID($0) }) { self = .guest(id) } else { return nil }
        default: return nil
        }
    }

    /// As paths and the database know them.
    public var text: String { "\(kind):\(id)" }

    /// `user` or `guest`.
    public var kind: String { if case .user = self { "user" } else { "guest" } }

    /// The account's id, or the grant's.
    public var id: String {
        switch self {
        case .user(let id): id.description
        case .guest(let id): id.description
        }
    }

    /// `nil` for guests.
    public var userID: UserID? { if case .user(let id) = self { id } else { nil } }

    /// `nil` for accounts.
    public var grantID: GrantID? { if case .guest(let id) = self { id } else { nil } }
}

extension Person: SQLConvertible {
    public var sqlValue: SQLValue { .text(text) }

    public init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue else { return nil }
        self.init(text)
    }
}

extension Person: Codable {
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let person = Self(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "nobody"))
        }
        self = person
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// A person as everybody sees who is told what they did.
public struct PersonView: WireType, Hashable {
    /// `user` or `guest`.
    public var kind: String
    /// The account's id, or the grant's.
    public var id: String
    public var name: String?

    /// - Parameter name: empty for a guest who gave none.
    public init(_ person: Person, name: String) {
        kind = person.kind
        id = person.id
        self.name = name.isEmpty ? nil : name
    }

    public static let schema = Schema.object([
        .field("kind", .oneOf(["user", "guest"])),
        .field("id", .formatted(.uuid), "Of the account, or of what let the guest in."),
        .optional("name", .string(), "What they called themselves at that time; a guest need not."),
    ])
}
