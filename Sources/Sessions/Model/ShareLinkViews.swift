import Core

/// A link as the session's managers see it.
struct LinkView: WireType, Equatable {
    var id: LinkID
    var name: String
    var rights: [String]
    var url: String?
    var hasPassword: Bool
    var expiresAt: Timestamp?
    var maxUses: Int
    var uses: Int
    var maxDownloads: Int
    var downloads: Int
    var createdAt: Timestamp
    var lastUsedAt: Timestamp?

    init(_ link: ShareLink, url: String?) {
        id = link.id
        name = link.name
        rights = link.rights.names
        self.url = url
        hasPassword = link.passwordHash != nil
        expiresAt = link.expiresAt
        maxUses = link.maxUses
        uses = link.uses
        maxDownloads = link.maxDownloads
        downloads = link.downloads
        createdAt = link.createdAt
        lastUsedAt = link.lastUsedAt
    }

    static let schema = Schema.object([
        .field("id", .formatted(.uuid)),
        .field("name", LinkInput.name),
        .field("rights", LinkInput.rights),
        .optional("url", .string(), "What to send or print; missing when it was made by a signing key that is there no more."),
        .field("hasPassword", .boolean),
        .optional("expiresAt", .formatted(.dateTime)),
        .field("maxUses", LinkInput.count, "Entries that it allows; 0 for any number."),
        .field("uses", .integer(0...Int64.max), "Entries so far."),
        .field("maxDownloads", LinkInput.count, "Downloads that it allows, of all its guests together; 0 for any number."),
        .field("downloads", .integer(0...Int64.max), "Downloads so far, counted while there is a limit."),
        .field("createdAt", .formatted(.dateTime)),
        .optional("lastUsedAt", .formatted(.dateTime)),
    ])
}

/// A link to be made.
struct LinkInput: WireType {
    var name: String
    var rights: [String]?
    var password: String?
    var expiresAt: Timestamp?
    var maxUses: Int?
    var maxDownloads: Int?

    static let name = Schema.string(1...100)
    static let password = Schema.string(1...200)
    static let count = Schema.integer(0...1_000_000)
    static let rights = Schema.array(
        of: .oneOf(Rights.shareable.flatMap(\.names)), count: 1...Rights.shareable.count)

    static let schema = Schema.object([
        .field("name", name, "For you; guests do not see it."),
        .optional("rights", rights, "`view` unless said. `original` includes `download`, and that and `select` include `view`."),
        .optional("password", password, "Asked of everybody who comes by it."),
        .optional("expiresAt", .formatted(.dateTime)),
        .optional("maxUses", count, "Entries that it allows; 0, unless said, for any number."),
        .optional("maxDownloads", count, "Files that its guests can save, all together; 0, unless said, for any number."),
    ])
}

/// A change to a link: what is missing stays as it is.
struct LinkChange: WireType {
    var name: String?
    var rights: [String]?
    /// `.some(nil)` asks for none any more.
    var password: String??
    /// `.some(nil)` lets it live until it is removed.
    var expiresAt: Timestamp??
    var maxUses: Int?
    var maxDownloads: Int?

    static let schema = Schema.object([
        .optional("name", LinkInput.name),
        .optional("rights", LinkInput.rights, "Fewer show out those who came in before."),
        .optional("password", LinkInput.password, "A new one shows out those who came in before; null asks for none."),
        .optional("expiresAt", .formatted(.dateTime), "Null for never."),
        .optional("maxUses", LinkInput.count),
        .optional("maxDownloads", LinkInput.count),
    ])

    private enum CodingKeys: String, CodingKey { case name, rights, password, expiresAt, maxUses, maxDownloads }
}

extension LinkChange {
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decodeIfPresent(String.self, forKey: .name)
        rights = try container.decodeIfPresent([String].self, forKey: .rights)
        maxUses = try container.decodeIfPresent(Int.self, forKey: .maxUses)
        maxDownloads = try container.decodeIfPresent(Int.self, forKey: .maxDownloads)
        // A member that is null says something else than one that is missing.
        if container.contains(.password) { password = .some(try container.decodeIfPresent(String.self, forKey: .password)) }
        if container.contains(.expiresAt) { expiresAt = .some(try container.decodeIfPresent(Timestamp.self, forKey: .expiresAt)) }
    }
}

/// A guest who comes by a link.
struct LinkEntryRequest: WireType {
    var name: String?
    var password: String?
    var cookie: Bool?

    static let schema = Schema.object([
        .optional("name", .string(0...80), "How the guest wants to be called."),
        .optional("password", LinkInput.password),
        .optional("cookie", .boolean, EntryRequest.aboutCookie),
    ])
}

/// What a link was used for, once.
struct LinkUseView: WireType, Equatable {
    var number: Int64
    var at: Timestamp
    var kind: LinkUse.Kind
    var network: String?
    var name: String?

    init(_ use: LinkUse) {
        number = use.number
        at = use.at
        kind = use.kind
        network = use.network.isEmpty ? nil : use.network
        name = use.name.isEmpty ? nil : use.name
    }

    static let schema = Schema.object([
        .field("number", .integer(1...Int64.max), "Counts up for each link."),
        .field("at", .formatted(.dateTime)),
        .field("kind", .oneOf(LinkUse.Kind.allCases.map(\.rawValue))),
        .optional("network", .string(), "Where from, without the part that tells a person: e.g. `192.0.2.0/24`."),
        .optional("name", .string(), "What the guest wants to be called."),
    ])
}
