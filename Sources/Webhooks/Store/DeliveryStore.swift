import Core

/// The SQL of messages: the outbox and the log in one.
struct DeliveryStore: Sendable {
    /// Wakes the senders of other processes.
    static let channel = "webhooks"
    /// Attempts that a message remembers.
    static let longestLog = 10
    /// Due for every sender, also for one whose clock is behind ours.
    static let atOnce = Timestamp(milliseconds: 0)

    static let columns: SQL = "id, webhook_id, type, state, reason, attempts, log, due_at, created_at"

    /// Writes a message down; it is sent after the commit.
    /// - Parameter session: who does not manage it any more by then is not sent the message.
    func insert(
        _ id: DeliveryID, to webhook: WebhookID, of owner: UserID, about session: SessionID?, type: String, body: String,
        at now: Timestamp, _ tx: any Transaction
    ) throws {
        try tx.execute(
            """
            INSERT INTO webhook_deliveries
                (id, webhook_id, owner_id, session_id, type, body, state, attempts, log, due_at, created_at, updated_at)
            VALUES (\(id), \(webhook), \(owner), \(session), \(type), \(body), 'pending', 0, '[]', \(Self.atOnce), \(now), \(now))
            """)
    }

    func find(_ id: DeliveryID, of webhook: WebhookID, _ tx: any Transaction) throws -> Delivery? {
        try tx.first(
            "SELECT \(sql: Self.columns) FROM webhook_deliveries WHERE id = \(id) AND webhook_id = \(webhook)"
        ).map(Delivery.init)
    }

    /// The newest first, from after `cursor`.
    func list(of webhook: WebhookID, after cursor: Cursor?, limit: Int, _ tx: any Transaction) throws -> [Delivery] {
        let after = cursor ?? Cursor(key: .max, id: "")
        return try tx.query(
            """
            SELECT \(sql: Self.columns) FROM webhook_deliveries
            WHERE webhook_id = \(webhook) AND (created_at < \(after.key) OR (created_at = \(after.key) AND id < \(after.id)))
            ORDER BY created_at DESC, id DESC LIMIT \(limit)
            """
        ).map(Delivery.init)
    }

    /// How many of a webhook's messages wait, counted no further than `limit`.
    func waiting(of webhook: WebhookID, limit: Int, _ tx: any Transaction) throws -> Int {
        let row = try tx.first(
            """
            SELECT COUNT(*) AS waiting FROM (
                SELECT 1 FROM webhook_deliveries WHERE webhook_id = \(webhook) AND state = 'pending' LIMIT \(limit)
            ) AS counted
            """)
        return try row?.get("waiting") ?? 0
    }

    /// The same of all webhooks.
    func waiting(limit: Int, _ tx: any Transaction) throws -> Int {
        let row = try tx.first(
            """
            SELECT COUNT(*) AS waiting FROM (
                SELECT 1 FROM webhook_deliveries WHERE state = 'pending' LIMIT \(limit)
            ) AS counted
            """)
        return try row?.get("waiting") ?? 0
    }

    /// Lets a message be sent at once, with all its attempts before it; one that is being sent stays as it is.
    /// Whoever has not come to an end within the lease is not sending any more.
    func restart(_ id: DeliveryID, at now: Timestamp, _ tx: any Transaction) throws {
        try tx.execute(
            """
            UPDATE webhook_deliveries
            SET state = 'pending', reason = NULL, attempts = 0, due_at = \(Self.atOnce), lease = NULL, updated_at = \(now)
            WHERE id = \(id) AND (state <> 'pending' OR lease IS NULL OR due_at <= \(now))
            """)
    }

    /// Ends what a webhook's messages wait for; what is being sent goes out, but its end is not recorded.
    func cancelAll(of webhook: WebhookID, at now: Timestamp, _ tx: any Transaction) throws {
        try tx.execute(
            """
            UPDATE webhook_deliveries SET state = 'cancelled', reason = \(Delivery.Reason.webhookDisabled), lease = NULL,
                updated_at = \(now)
            WHERE webhook_id = \(webhook) AND state = 'pending'
            """)
    }

    func removeAll(of webhook: WebhookID, _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM webhook_deliveries WHERE webhook_id = \(webhook)")
    }
}

extension Delivery {
    init(_ row: Row) throws {
        self.init(
            id: try row.get("id"), webhookID: try row.get("webhook_id"), type: try row.get("type"),
            state: try row.get("state"), reason: try row.optional("reason"), attempts: try row.get("attempts"),
            log: try JSON.decode(from: try row.get("log", as: String.self)), dueAt: try row.get("due_at"),
            createdAt: try row.get("created_at"))
    }
}
