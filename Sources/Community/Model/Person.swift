import Core

/// Somebody who talks: an account, or a guest by the grant that let them in.
enum Person: Sendable, Hashable {
    case user(UserID)
    case guest(GrantID)

    /// Who a principal speaks as; a script speaks as its owner, and a stranger as nobody.
    init?(_ principal: Principal) {
        switch principal {
        case .user(let id, _, _), .key(_, let id, _, _): self = .user(id)
        case .guest(let token): self = .guest(token.grantID)
        case .anonymous: return nil
        }
    }

    /// Reads `user:<id>` or `guest:<id>`.
    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        switch parts.first {
        case "user": if let id = parts.last.flatMap({ UserID($0) }) { self = .user(id) } else { return nil }
        case "guest": if let id = parts.last.flatMap({ GrantID($0) }) { self = .guest(id) } else { return nil }
        default: return nil
        }
    }

    /// As paths and the database know them.
    var text: String { "\(kind):\(id)" }

    var kind: String { if case .user = self { "user" } else { "guest" } }

    var id: String {
        switch self {
        case .user(let id): id.description
        case .guest(let id): id.description
        }
    }

    var userID: UserID? { if case .user(let id) = self { id } else { nil } }
}

extension Person: SQLConvertible {
    var sqlValue: SQLValue { .text(text) }

    init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue else { return nil }
        self.init(text)
    }
}

/// A person as everybody in the chat sees them.
struct PersonView: WireType, Hashable {
    var kind: String
    var id: String
    var name: String?

    init(_ person: Person, name: String) {
        kind = person.kind
        id = person.id
        self.name = name.isEmpty ? nil : name
    }

    static let schema = Schema.object([
        .field("kind", .oneOf(["user", "guest"])),
        .field("id", .formatted(.uuid), "Of the account, or of what let the guest in."),
        .optional("name", .string(), "What they called themselves at that time; a guest need not."),
    ])
}
