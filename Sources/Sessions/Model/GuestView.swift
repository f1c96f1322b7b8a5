import Core

/// A guest as the session's managers see them.
struct GuestView: WireType, Equatable {
    var id: GrantID
    var name: String?
    var link: LinkID?
    var rights: [String]
    var enteredAt: Timestamp
    var expiresAt: Timestamp?

    init(_ grant: Grant) {
        id = grant.id
        name = grant.name.isEmpty ? nil : grant.name
        link = grant.parentID.map { LinkID($0) }
        rights = grant.rights.names
        enteredAt = grant.createdAt
        expiresAt = grant.expiresAt
    }

    static let schema = Schema.object([
        .field("id", .formatted(.uuid)),
        .optional("name", .string(), "What the guest wants to be called."),
        .optional("link", .formatted(.uuid), "The link they came by; missing for the access code."),
        .field("rights", .array(of: .oneOf(Rights.named.map(\.name)), count: 0...Rights.named.count)),
        .field("enteredAt", .formatted(.dateTime)),
        .optional("expiresAt", .formatted(.dateTime)),
    ])
}
