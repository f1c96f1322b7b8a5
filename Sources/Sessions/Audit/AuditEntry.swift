import Core

/// One line of who changed what in a session.
struct AuditEntry: Sendable, Equatable {
    /// Who it was.
    struct Actor: Sendable, Equatable, Codable {
        enum Kind: String, Sendable, Codable, CaseIterable, SQLConvertible {
            case user, key, guest
            /// Lumiere itself: by its rules, or an operator's command.
            case house
        }

        var kind: Kind
        /// The account, also of a key, or the guest's grant.
        var id: String?
        /// As they were called then.
        var name: String?
    }

    /// Ascending in the order they were written.
    var number: Int64
    var at: Timestamp
    var actor: Actor
    /// snake_case, e.g. `session_updated`.
    var action: String
    /// The id of what was changed, when that is not the session itself.
    var subject: String?
    /// What is different now.
    var change: JSONValue?
}

/// A line as those who manage the session see it.
struct AuditView: WireType, Equatable {
    var number: Int64
    var at: Timestamp
    var actor: AuditEntry.Actor
    var action: String
    var subject: String?
    var change: JSONValue?

    init(_ entry: AuditEntry) {
        (number, at, action, subject, change) = (entry.number, entry.at, entry.action, entry.subject, entry.change)
        actor = entry.actor
    }

    static let schema = Schema.object([
        .field("number", .integer(1...Int64.max)),
        .field("at", .formatted(.dateTime)),
        .field(
            "actor",
            .object([
                .field("kind", .oneOf(AuditEntry.Actor.Kind.allCases.map(\.rawValue)), "`house` is Lumiere itself."),
                .optional("id", .formatted(.uuid), "The account, also of a key, or the guest."),
                .optional("name", .string(), "As they were called then."),
            ])),
        .field("action", .string(1...64), "What was done, e.g. `session_updated`."),
        .optional("subject", .string(0...200), "The id of what was changed, when that is not the session itself."),
        .optional(
            "change", .dictionary(of: .any),
            "What is different: by member, `from` and `to`, or what it came with. `cut` stands for what was too long to keep."),
    ])
}
