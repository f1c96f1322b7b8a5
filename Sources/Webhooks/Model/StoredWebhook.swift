import Core

/// What the table holds of a webhook. Its owner sees it also when it is damaged: it can still be removed.
enum StoredWebhook: Sendable, Equatable {
    case readable(Webhook)
    case unreadable(Remains)

    /// As much of a damaged webhook as can be made out.
    struct Remains: Sendable, Equatable {
        var id: WebhookID
        var ownerID: UserID
        var createdAt: Timestamp
        var updatedAt: Timestamp
        /// By these two, which nothing vouches for, its owner may know it.
        var name: String
        var url: String
    }

    var id: WebhookID {
        switch self {
        case .readable(let webhook): webhook.id
        case .unreadable(let remains): remains.id
        }
    }

    var ownerID: UserID {
        switch self {
        case .readable(let webhook): webhook.ownerID
        case .unreadable(let remains): remains.ownerID
        }
    }

    var createdAt: Timestamp {
        switch self {
        case .readable(let webhook): webhook.createdAt
        case .unreadable(let remains): remains.createdAt
        }
    }
}

extension StoredWebhook.Remains {
    /// - Returns: `nil` when not even its name among webhooks, its owner or its place in a list can be made out.
    init?(_ row: Row) {
        guard let id = try? row.get("id", as: WebhookID.self), let ownerID = try? row.get("owner_id", as: UserID.self),
            let createdAt = try? row.get("created_at", as: Timestamp.self)
        else { return nil }
        self.init(
            id: id, ownerID: ownerID, createdAt: createdAt, updatedAt: (try? row.get("updated_at")) ?? createdAt,
            name: Self.text(row, "name", length: WebhookInput.longestName), url: Self.text(row, "url", length: WebhookURL.mostBytes))
    }

    private static func text(_ row: Row, _ column: String, length: Int) -> String {
        String(((try? row.get(column, as: String.self)) ?? "").unicodeScalars.prefix(length))
    }
}
