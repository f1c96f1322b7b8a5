import Core

/// Takes messages for this process to send, in turns.
struct DeliveryClaimer: Sendable {
    /// More than all processes together send at the same time.
    private static let mostFlights = 100_000

    let configuration: WebhookConfiguration
    let database: any Database
    let clock: any WallClock
    private let deliveries = DeliveryStore()

    init(_ configuration: WebhookConfiguration, database: any Database, clock: any WallClock) {
        self.configuration = configuration
        self.database = database
        self.clock = clock
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

    /// Takes the message that has been due for longest. Processes that look at the same moment may pass the limits by one each.
    /// - Returns: `nil` when another process was quicker.
    func claim(_ turn: Turn) async throws -> ClaimedDelivery? {
        let (now, lease) = (clock.now(), configuration.lease)
        return try await database.write(.readCommitted) { tx in
            guard let webhook = try deliveries.webhook(of: turn.owner, beside: turn.load, at: now, tx) else { return nil }
            return try deliveries.claim(of: turn.owner, to: webhook, lease: lease, at: now, tx)
        }
    }
}
