import Core
import Logging

/// Takes messages for this process to send, in turns.
struct DeliveryClaimer: Sendable {
    /// More than all processes together send at the same time.
    private static let mostFlights = 100_000

    let configuration: WebhookConfiguration
    let database: any Database
    let managers: any SessionManagers
    let clock: any WallClock
    let logger: Logger
    private let deliveries = DeliveryStore()

    init(
        _ configuration: WebhookConfiguration, database: any Database, managers: any SessionManagers, clock: any WallClock,
        logger: Logger
    ) {
        self.configuration = configuration
        self.database = database
        self.managers = managers
        self.clock = clock
        self.logger = logger
    }

    /// Somebody's turn.
    struct Turn: Sendable {
        /// The account, as it is stored.
        var owner: String
        var load: SendingLoad
    }

    /// Whose turn it is. Looking costs little, and there is seldom anything to take.
    /// - Parameter last: the account that had its turn before.
    /// - Returns: `nil` when nothing is due that may be sent now.
    func turn(after last: String) async throws -> Turn? {
        let now = clock.now()
        return try await database.read { tx in
            guard try deliveries.isAnyDue(at: now, tx) else { return nil }
            let load = SendingLoad(configuration, try deliveries.flights(at: now, limit: Self.mostFlights, tx))
            return try deliveries.owner(after: last, beside: load, at: now, tx).map { Turn(owner: $0, load: load) }
        }
    }

    /// Messages ended in one transaction because they are not to be sent.
    private static let mostEnded = 64

    /// Takes the message that has been due for longest, and ends those before it that are not to be sent. Processes that look
    /// at the same moment may pass the limits by one each.
    /// - Returns: `nil` when there was none, or another process was quicker.
    func claim(_ turn: Turn) async throws -> ClaimedDelivery? {
        let now = clock.now()
        return try await database.write(.readCommitted) { tx in
            guard let id = try deliveries.webhook(of: turn.owner, beside: turn.load, at: now, tx) else { return nil }
            for _ in 0..<Self.mostEnded {
                switch try deliveries.due(of: turn.owner, to: id, at: now, tx) {
                case nil: return nil
                case .unreadable(let id):
                    try deliveries.giveUp(unreadable: id, at: now, tx)
                    report("\(id)", tx)
                case .message(let due): if let claim = try decide(on: due, at: now, tx) { return claim }
                }
            }
            return nil
        }
    }

    /// - Returns: `nil` when the message was ended instead.
    private func decide(on due: DueDelivery, at now: Timestamp, _ tx: any Transaction) throws -> ClaimedDelivery? {
        guard let webhook = try webhook(of: due, tx) else {
            try deliveries.end(due, as: .failed, for: .unreadable, at: now, tx)
            report("\(due.delivery.id)", tx)
            return nil
        }
        if let reason = try reason(against: due, to: webhook, tx) {
            try deliveries.end(due, as: .cancelled, for: reason, at: now, tx)
        } else if due.delivery.attempts >= RetrySchedule.attempts {
            // Nobody lived to give it up.
            try deliveries.end(due, as: .failed, for: nil, at: now, tx)
        } else {
            return try deliveries.claim(due, to: webhook, lease: configuration.lease, at: now, tx)
        }
        return nil
    }

    /// - Returns: `nil` when it cannot be read, or was removed this moment with its messages.
    private func webhook(of due: DueDelivery, _ tx: any Transaction) throws -> Webhook? {
        do { return try WebhookStore().find(due.delivery.webhookID, tx) } catch DatabaseError.unexpectedColumn { return nil }
    }

    private func report(_ id: String, _ tx: any Transaction) {
        tx.afterCommit { [logger] in logger.error("a message or its webhook cannot be read", metadata: ["delivery": "\(id)"]) }
    }

    /// Why a message is not to be sent, although it was when it was written.
    private func reason(
        against due: DueDelivery, to webhook: Webhook, _ tx: any Transaction
    ) throws -> Delivery.Reason? {
        if webhook.state != .enabled { return .webhookDisabled }
        guard let session = due.session else { return nil }
        return try managers.managers(of: session, transaction: tx).contains(webhook.ownerID) ? nil : .notManager
    }
}
