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

/// A message whose time has come, held by the transaction that found it.
struct DueDelivery: Sendable {
    var delivery: Delivery
    /// What it is about; `nil` for a `ping`.
    var session: SessionID?
    var body: String
}

extension DeliveryStore {
    /// The message to a webhook that has been due for longest; those that another process is just taking are passed over.
    func due(of owner: String, to webhook: String, at now: Timestamp, _ tx: any Transaction) throws -> DueDelivery? {
        // `due_at` is when a message may be claimed, and when a claim of it ends: either way, from then on it is anybody's.
        try tx.first(
            """
            SELECT \(sql: Self.columns), session_id, body FROM webhook_deliveries
            WHERE owner_id = \(owner) AND webhook_id = \(webhook) AND state = 'pending' AND due_at <= \(now)
            ORDER BY due_at, id LIMIT 1 \(sql: tx.dialect.takingUnlocked)
            """
        ).map { row in
            DueDelivery(
                delivery: try Delivery(row), session: try row.optional("session_id"), body: try row.get("body"))
        }
    }

    /// Makes a message this process's own for a while.
    func claim(
        _ due: DueDelivery, to webhook: Webhook, lease duration: Duration, at now: Timestamp, _ tx: any Transaction
    ) throws -> ClaimedDelivery {
        let lease = RandomToken.secret(bytes: 12)
        try tx.execute(
            "UPDATE webhook_deliveries SET due_at = \(now + duration), lease = \(lease) WHERE id = \(due.delivery.id)")
        return ClaimedDelivery(delivery: due.delivery, webhook: webhook, body: due.body, lease: lease)
    }

    /// Ends a message that is not to be sent.
    func cancel(_ id: DeliveryID, for reason: Delivery.Reason, at now: Timestamp, _ tx: any Transaction) throws {
        try tx.execute(
            """
            UPDATE webhook_deliveries
            SET state = 'cancelled', reason = \(reason), lease = NULL, updated_at = \(now) WHERE id = \(id)
            """)
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
