import Core

/// A message that this process sends. The lease is new at every claim, so that the end of an older one is told apart.
struct ClaimedDelivery: Sendable, Equatable {
    var delivery: Delivery
    var webhook: Webhook
    var body: String
    var lease: String

    /// This attempt's number, from 1.
    var attempt: Int { delivery.attempts }
}

/// A message whose time has come, held by the transaction that found it.
struct DueDelivery: Sendable {
    /// With its latest attempt in the log, also when nobody lived to write down how it ended.
    var delivery: Delivery
    /// What it is about; `nil` for a `ping`.
    var session: SessionID?
    var body: String
}

/// What is found in the table where a message should be.
enum DueRow: Sendable {
    case message(DueDelivery)
    /// Its id is as it is stored.
    case unreadable(id: SQLValue)
}

extension DeliveryStore {
    /// The message to a webhook that has been due for longest; those that another process is just taking are passed over.
    func due(of owner: String, to webhook: String, at now: Timestamp, _ tx: any Transaction) throws -> DueRow? {
        // `due_at` is when a message may be claimed, and when a claim of it ends: either way, from then on it is anybody's.
        try tx.first(
            """
            SELECT \(sql: Self.columns), session_id, body, lease, updated_at FROM webhook_deliveries
            WHERE owner_id = \(owner) AND webhook_id = \(webhook) AND state = 'pending' AND due_at <= \(now)
            ORDER BY due_at, id LIMIT 1 \(sql: tx.dialect.takingUnlocked)
            """
        ).map { row in
            do { return .message(try DueDelivery(row)) } catch { return .unreadable(id: try row.get("id")) }
        }
    }

    /// Makes a message this process's own for a while. The attempt counts from now on: one that ends the process counts as well.
    func claim(
        _ due: DueDelivery, to webhook: Webhook, lease duration: Duration, at now: Timestamp, _ tx: any Transaction
    ) throws -> ClaimedDelivery {
        let lease = RandomToken.secret(bytes: 12)
        var delivery = due.delivery
        delivery.attempts += 1
        try tx.execute(
            """
            UPDATE webhook_deliveries
            SET attempts = \(delivery.attempts), log = \(try Self.text(delivery.log)), due_at = \(now + duration), lease = \(lease),
                updated_at = \(now)
            WHERE id = \(delivery.id)
            """)
        return ClaimedDelivery(delivery: delivery, webhook: webhook, body: due.body, lease: lease)
    }

    /// Ends a message that is not to be sent.
    func end(
        _ due: DueDelivery, as state: Delivery.State, for reason: Delivery.Reason?, at now: Timestamp, _ tx: any Transaction
    ) throws {
        try tx.execute(
            """
            UPDATE webhook_deliveries
            SET state = \(state), reason = \(reason), log = \(try Self.text(due.delivery.log)), lease = NULL, updated_at = \(now)
            WHERE id = \(due.delivery.id)
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
        try tx.execute(
            """
            UPDATE webhook_deliveries
            SET state = \(state), log = \(try Self.text(claim.delivery.log + [entry])), due_at = \(due), lease = NULL,
                updated_at = \(now)
            WHERE id = \(claim.delivery.id) AND lease = \(claim.lease)
            """) == 1
    }

    /// Ends a message that cannot be read, so that it can be: what it says of itself is put in order.
    func giveUp(unreadable id: SQLValue, at now: Timestamp, _ tx: any Transaction) throws {
        try tx.execute(
            """
            UPDATE webhook_deliveries
            SET state = 'failed', reason = \(Delivery.Reason.unreadable), attempts = 0, log = '[]', due_at = \(now), lease = NULL,
                updated_at = \(now)
            WHERE id = \(id)
            """)
    }

    private static func text(_ log: [Delivery.Attempt]) throws -> String { try JSON.text(Array(log.suffix(longestLog))) }
}

extension DueDelivery {
    fileprivate init(_ row: Row) throws {
        var delivery = try Delivery(row)
        // A claim leaves its lease until its end is recorded.
        if let _: String = try row.optional("lease") {
            delivery.log.append(.init(at: try row.get("updated_at"), status: nil, error: .interrupted, duration: 0))
        }
        self.init(delivery: delivery, session: try row.optional("session_id"), body: try row.get("body"))
    }
}
