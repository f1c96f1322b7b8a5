import Core

extension DeliveryStore {
    /// Forgets some messages that ended before a moment.
    /// - Returns: how many.
    func prune(endedBefore time: Timestamp, limit: Int, _ tx: any Transaction) throws -> Int {
        try tx.execute(
            """
            DELETE FROM webhook_deliveries WHERE id IN (
                SELECT id FROM webhook_deliveries WHERE state <> 'pending' AND updated_at < \(time)
                ORDER BY updated_at LIMIT \(limit))
            """)
    }

    /// Forgets some messages that wait, but whose webhook is not there any more.
    /// - Returns: how many.
    func pruneOrphans(limit: Int, _ tx: any Transaction) throws -> Int {
        try tx.execute(
            """
            DELETE FROM webhook_deliveries WHERE id IN (
                SELECT d.id FROM webhook_deliveries AS d
                WHERE d.state = 'pending' AND NOT EXISTS (SELECT 1 FROM webhooks AS w WHERE w.id = d.webhook_id)
                LIMIT \(limit))
            """)
    }

    /// Some webhooks that have more messages than that.
    func crowded(beyond most: Int, limit: Int, _ tx: any Transaction) throws -> [WebhookID] {
        try tx.query(
            """
            SELECT webhook_id FROM webhook_deliveries GROUP BY webhook_id HAVING COUNT(*) > \(most) LIMIT \(limit)
            """
        ).map { try $0.get("webhook_id") }
    }

    /// Forgets some of a webhook's oldest messages, sent or not, beyond the newest `most`.
    /// - Returns: how many.
    func prune(_ webhook: WebhookID, beyond most: Int, limit: Int, _ tx: any Transaction) throws -> Int {
        try tx.execute(
            """
            DELETE FROM webhook_deliveries WHERE id IN (
                SELECT id FROM webhook_deliveries WHERE webhook_id = \(webhook)
                ORDER BY created_at DESC, id DESC LIMIT \(limit) OFFSET \(most))
            """)
    }
}
