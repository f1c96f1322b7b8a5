import Core

/// The SQL of webhooks.
struct WebhookStore: Sendable {
    private static let columns: SQL = """
        id, owner_id, session_id, name, url, generation, events, secret, previous_secret, previous_until, state, failing_since,
        created_at, updated_at
        """

    func insert(_ webhook: Webhook, _ tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO webhooks (id, owner_id, session_id, name, url, host, generation, events, secret, previous_secret,
                previous_until, state, failing_since, created_at, updated_at)
            VALUES (\(webhook.id), \(webhook.ownerID), \(webhook.sessionID), \(webhook.name), \(webhook.url),
                \(webhook.url.host), \(webhook.generation), \(Self.text(webhook.events)), \(webhook.secret),
                \(webhook.previousSecret), \(webhook.previousUntil), \(webhook.state), \(webhook.failingSince),
                \(webhook.createdAt), \(webhook.updatedAt))
            """)
    }

    func update(_ webhook: Webhook, _ tx: any Transaction) throws {
        try tx.execute(
            """
            UPDATE webhooks SET session_id = \(webhook.sessionID), name = \(webhook.name), url = \(webhook.url),
                host = \(webhook.url.host), generation = \(webhook.generation), events = \(Self.text(webhook.events)),
                secret = \(webhook.secret), previous_secret = \(webhook.previousSecret), previous_until = \(webhook.previousUntil),
                state = \(webhook.state), failing_since = \(webhook.failingSince), updated_at = \(webhook.updatedAt)
            WHERE id = \(webhook.id)
            """)
    }

    /// - Throws: `DatabaseError.unexpectedColumn` when it is damaged.
    func find(_ id: WebhookID, _ tx: any Transaction) throws -> Webhook? {
        try tx.first("SELECT \(sql: Self.columns) FROM webhooks WHERE id = \(id)").map(webhook)
    }

    /// The same of what may be damaged.
    func look(_ id: WebhookID, _ tx: any Transaction) throws -> StoredWebhook? {
        try tx.first("SELECT \(sql: Self.columns) FROM webhooks WHERE id = \(id)").flatMap(stored)
    }

    /// The newest first, from after `cursor`; without those that nobody could name.
    func list(of owner: UserID, after cursor: Cursor?, limit: Int, _ tx: any Transaction) throws -> [StoredWebhook] {
        let after = cursor ?? Cursor(key: .max, id: "")
        return try tx.query(
            """
            SELECT \(sql: Self.columns) FROM webhooks
            WHERE owner_id = \(owner) AND (created_at < \(after.key) OR (created_at = \(after.key) AND id < \(after.id)))
            ORDER BY created_at DESC, id DESC LIMIT \(limit)
            """
        ).compactMap(stored)
    }

    func count(of owner: UserID, _ tx: any Transaction) throws -> Int {
        try tx.first("SELECT COUNT(*) AS total FROM webhooks WHERE owner_id = \(owner)")?.get("total") ?? 0
    }

    /// Those of some accounts that want to hear of an event in a session; what nobody could name is passed over, for what
    /// happened must be recorded in any case.
    func listening(
        to event: HookEvent, in session: SessionID, of owners: [UserID], limit: Int, _ tx: any Transaction
    ) throws -> [(id: WebhookID, owner: UserID)] {
        let pattern = "%\"\(event.rawValue)\"%"
        return try tx.query(
            """
            SELECT id, owner_id FROM webhooks
            WHERE owner_id IN \(list: owners) AND state = 'enabled' AND (session_id IS NULL OR session_id = \(session))
                AND events LIKE \(pattern)
            ORDER BY id LIMIT \(limit)
            """
        ).compactMap { row in
            guard let id: WebhookID = try? row.get("id"), let owner: UserID = try? row.get("owner_id") else { return nil }
            return (id, owner)
        }
    }

    func remove(_ id: WebhookID, _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM webhooks WHERE id = \(id)")
    }

    // MARK: What attempts say about a webhook

    /// Whether a webhook still has the URL it had; it cannot change while this transaction goes on.
    func isCurrent(_ webhook: Webhook, _ tx: any Transaction) throws -> Bool {
        try tx.exists("SELECT id FROM webhooks WHERE id = \(webhook.id) AND generation = \(webhook.generation)")
    }

    /// Something got through.
    func recover(_ id: WebhookID, _ tx: any Transaction) throws {
        try tx.execute("UPDATE webhooks SET failing_since = NULL WHERE id = \(id) AND failing_since IS NOT NULL")
    }

    /// Something did not get through.
    func suffer(_ id: WebhookID, at now: Timestamp, _ tx: any Transaction) throws {
        try tx.execute("UPDATE webhooks SET failing_since = \(now) WHERE id = \(id) AND failing_since IS NULL")
    }

    /// Ends what is enabled.
    /// - Parameter time: only if nothing has got through since then; `nil` in any case.
    /// - Returns: whether that was so.
    func disable(
        _ id: WebhookID, as state: Webhook.State, failingSince time: Timestamp? = nil, at now: Timestamp,
        _ tx: any Transaction
    ) throws -> Bool {
        let condition: SQL = time.map { "AND failing_since <= \($0)" } ?? ""
        return try tx.execute(
            """
            UPDATE webhooks SET state = \(state), updated_at = \(now)
            WHERE id = \(id) AND state = 'enabled' \(sql: condition)
            """) == 1
    }

    /// In quotes, so that one name is never taken for the beginning of another.
    private static func text(_ events: Set<HookEvent>) -> String {
        events.map { "\"\($0.rawValue)\"" }.sorted().joined(separator: ",")
    }

    private static func events(_ text: String) -> Set<HookEvent> {
        Set(text.split(separator: ",").compactMap { HookEvent(rawValue: String($0.dropFirst().dropLast())) })
    }

    private func stored(_ row: Row) throws -> StoredWebhook? {
        do { return .readable(try webhook(row)) } catch DatabaseError.unexpectedColumn {
            return StoredWebhook.Remains(row).map { .unreadable($0) }
        }
    }

    private func webhook(_ row: Row) throws -> Webhook {
        Webhook(
            id: try row.get("id"), ownerID: try row.get("owner_id"), sessionID: try row.optional("session_id"),
            name: try row.get("name"), url: try row.get("url"), generation: try row.get("generation"),
            events: Self.events(try row.get("events")), secret: try row.get("secret"), previousSecret: try row.optional("previous_secret"),
            previousUntil: try row.optional("previous_until"), state: try row.get("state"),
            failingSince: try row.optional("failing_since"), createdAt: try row.get("created_at"),
            updatedAt: try row.get("updated_at"))
    }
}
