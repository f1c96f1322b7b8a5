public import Core

/// What somebody is in a session.
public enum SessionRole: String, Sendable, Codable, CaseIterable {
    case owner, photographer, editor, guest

    static let schema = Schema.oneOf(allCases.map(\.rawValue))

    /// What those have who hold these rights.
    init(_ rights: Rights) {
        self =
            if rights.contains(.manage) { .owner } else if !rights.contains(.desk) { .guest } else {
                rights.contains(.upload) ? .photographer : .editor
            }
    }
}

/// What those can be whom an owner takes into a session.
enum MemberRole: String, Sendable, Codable, CaseIterable {
    /// Sends files.
    case photographer
    /// Moderates and edits what others send.
    case editor

    static let schema = Schema.oneOf(allCases.map(\.rawValue))

    var rights: Rights {
        let common: Rights = [.view, .original, .desk, .download, .select]
        return common.union(self == .photographer ? .upload : .edit)
    }
}

/// Somebody who belongs to a session, as its staff sees them.
struct MemberView: WireType, Equatable {
    var userId: UserID
    var name: String?
    var role: SessionRole
    var rights: [String]
    var joinedAt: Timestamp

    static let schema = Schema.object([
        .field("userId", .formatted(.uuid)),
        .optional("name", .string(), "The account's name."),
        .field("role", SessionRole.schema),
        .field("rights", .array(of: .oneOf(Rights.named.map(\.name)), count: 0...Rights.named.count)),
        .field("joinedAt", .formatted(.dateTime)),
    ])
}

/// Whom to take into a session, and as what.
struct NewMember: WireType {
    var email: String?
    var userId: UserID?
    var role: MemberRole

    static let schema = Schema.object([
        .optional("email", .formatted(.email), "Of the account; or `userId`."),
        .optional("userId", .formatted(.uuid), "The account; or `email`."),
        .field("role", MemberRole.schema, "Photographers send files, editors moderate and edit them."),
    ])
}

/// What a member is to be from now on.
struct MemberChange: WireType {
    var role: MemberRole

    static let schema = Schema.object([.field("role", MemberRole.schema)])
}

/// Who is to own a session.
struct NewOwner: WireType {
    var userId: UserID

    static let schema = Schema.object([.field("userId", .formatted(.uuid), "One of its members.")])
}

/// Tells an account what it is in a session now.
struct MembershipNotice: WireType {
    var sessionId: SessionID
    var title: String
    /// `nil`: nothing any more.
    var role: SessionRole?

    static let schema = Schema.object([
        .field("sessionId", .formatted(.uuid)), .field("title", .string(1...200)),
        .optional("role", SessionRole.schema, "Missing: they do not belong to it any more."),
    ])
}
