import Core

/// Who is next. Accounts take turns in the order of their ids, whatever number of messages and webhooks they have, and however
/// long these wait; an account's webhooks take turns among themselves.
extension DeliveryStore {
    /// What is being sent, by any process.
    func flights(at now: Timestamp, limit: Int, _ tx: any Transaction) throws -> [SendingLoad.Flight] {
        try tx.query(
            """
            SELECT d.owner_id, d.webhook_id, w.host FROM webhook_deliveries AS d JOIN webhooks AS w ON w.id = d.webhook_id
            WHERE d.lease IS NOT NULL AND d.state = 'pending' AND d.due_at > \(now) LIMIT \(limit)
            """
        ).map { SendingLoad.Flight(owner: try $0.get("owner_id"), webhook: try $0.get("webhook_id"), host: try $0.get("host")) }
    }

    /// Whether a message is due, whoever's.
    func isAnyDue(at now: Timestamp, _ tx: any Transaction) throws -> Bool {
        try tx.exists("SELECT id FROM webhook_deliveries WHERE state = 'pending' AND due_at <= \(now) LIMIT 1")
    }

    /// The first account after `last`, or from the beginning, that a message may be sent for now.
    func owner(after last: String, beside load: SendingLoad, at now: Timestamp, _ tx: any Transaction) throws -> String? {
        try firstOwner(after: last, beside: load, at: now, tx) ?? firstOwner(after: "", beside: load, at: now, tx)
    }

    /// Goes from account to account by the index, so that it costs nothing how much waits for one of them.
    private func firstOwner(
        after last: String, beside load: SendingLoad, at now: Timestamp, _ tx: any Transaction
    ) throws -> String? {
        try tx.first(
            """
            WITH RECURSIVE line (owner_id) AS (
                SELECT MIN(owner_id) FROM webhook_deliveries WHERE state = 'pending' AND owner_id > \(last)
                UNION ALL
                SELECT (SELECT MIN(d.owner_id) FROM webhook_deliveries AS d
                    WHERE d.state = 'pending' AND d.owner_id > line.owner_id)
                FROM line WHERE line.owner_id IS NOT NULL
            )
            SELECT line.owner_id FROM line
            WHERE line.owner_id IS NOT NULL \(sql: Self.lacking("line.owner_id", load.fullOwners)) AND EXISTS (
                SELECT 1 FROM webhooks AS w WHERE w.owner_id = line.owner_id \(sql: Self.free(beside: load, at: now)))
            LIMIT 1
            """)?.get("owner_id")
    }

    /// The webhook of an account that a message may be sent to now: of those that least is on its way to, any.
    func webhook(of owner: String, beside load: SendingLoad, at now: Timestamp, _ tx: any Transaction) throws -> String? {
        try tx.query(
            """
            SELECT w.id FROM webhooks AS w WHERE w.owner_id = \(owner) \(sql: Self.free(beside: load, at: now))
            ORDER BY RANDOM() LIMIT 1000
            """
        ).map { try $0.get("id", as: String.self) }.min { load.count(of: $0) < load.count(of: $1) }
    }

    /// Of `webhooks AS w`: something is due, and nothing forbids to send it. One look at the index for each: as a join, which
    /// EXISTS may become, all that is due would be read.
    private static func free(beside load: SendingLoad, at now: Timestamp) -> SQL {
        """
        \(sql: lacking("w.id", load.fullWebhooks)) \(sql: lacking("w.host", load.fullHosts)) AND (
            SELECT m.due_at FROM webhook_deliveries AS m
            WHERE m.owner_id = w.owner_id AND m.webhook_id = w.id AND m.state = 'pending' AND m.due_at <= \(now)
            ORDER BY m.due_at LIMIT 1) IS NOT NULL
        """
    }

    private static func lacking(_ column: SQL, _ list: [String]) -> SQL {
        list.isEmpty ? "" : "AND \(sql: column) NOT IN \(list: list)"
    }
}
