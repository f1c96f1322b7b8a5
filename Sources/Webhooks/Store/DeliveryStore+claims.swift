import Core

/// A message that this process sends. The lease is new at every claim, so that the end of an older one is told apart.
struct ClaimedDelivery: Sendable, Equatable {
    var delivery: Delivery
    var webhook: Webhook
    var body: String
    var lease: String

    /// This attempt's number, from 1. One that was interrupted begins again under the same.
    var attempt: Int { delivery.attempts + 1 }
}

extension DeliveryStore {
    /// Takes the message to a webhook that has been due for longest; those that another process is just taking are passed over.
    func claim(
        of owner: String, to webhook: String, lease duration: Duration, at now: Timestamp, _ tx: any Transaction
    ) throws -> ClaimedDelivery? {
        while let row = try tx.first(
            """
            SELECT \(sql: Self.columns), body FROM webhook_deliveries
            WHERE owner_id = \(owner) AND webhook_id = \(webhook) AND state = 'pending' AND due_at <= \(now)
            ORDER BY due_at, id LIMIT 1 \(sql: tx.dialect.takingUnlocked)
            """)
        {
            let delivery = try Delivery(row)
            guard let webhook = try WebhookStore().find(delivery.webhookID, tx) else {
                // Written while its webhook was being removed.
                try tx.execute("DELETE FROM webhook_deliveries WHERE id = \(delivery.id)")
                continue
            }
            let lease = RandomToken.secret(bytes: 12)
            // `due_at` is when a message may be claimed, and when a claim of it ends: either way, from then on it is anybody's.
            try tx.execute(
                "UPDATE webhook_deliveries SET due_at = \(now + duration), lease = \(lease) WHERE id = \(delivery.id)")
            return ClaimedDelivery(delivery: delivery, webhook: webhook, body: try row.get("body"), lease: lease)
        }
        return nil
    }

    /// Records how an attempt ended.
    /// - Parameters:
    ///   - state: `pending` for another attempt at `due`.
    /// - Returns: false when the claim has been lost; nothing is recorded then.
    func record(
        _ entry: Delivery.Attempt, of claim: ClaimedDelivery, state: Delivery.State, due: Timestamp, at now: Timestamp,
        _ tx: any Transaction
    ) throws -> Bool {
        let log = (claim.delivery.log + [entry]).suffix(Self.longestLog)
        return try tx.execute(
            """
            UPDATE webhook_deliveries
            SET state = \(state), attempts = \(claim.attempt), log = \(try JSON.text(Array(log))), due_at = \(due), lease = NULL,
                updated_at = \(now)
            WHERE id = \(claim.delivery.id) AND lease = \(claim.lease)
            """) == 1
    }
}
