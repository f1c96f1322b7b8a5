import Core
import Foundation
import Logging
import NIOConcurrencyHelpers

/// The broker of a single server process: hands events straight to the receiver; the outbox table is the history.
///
/// History comes from the database and may thus hold an event a moment before the receiver gets it: a reader should be
/// registered for live events first, and then skip live offsets its history had.
public final class InProcessBroker: EventTransport {
    private struct State {
        /// Where the history begins that is current, or later.
        var position: OutboxPosition
        var receiver: (any EventReceiver)?
    }

    public let house: String
    public let node = UUID().uuidString.lowercased()
    public let presence: any PresenceRegistry = LocalPresence()
    public let limiter: any RateLimiter
    public let health = BrokerHealth.healthy
    private let events: OutboxHistory
    private let nudges = LocalNudges()
    private let state: NIOLockedValueBox<State>

    /// - Parameters:
    ///   - database: migrated; the house's name is kept in it, and made by the first broker that opens it.
    ///   - identity: the database's, as `DatabaseDriver` gives it; a new history begins when it is another than before.
    /// - Throws: `DatabaseError`.
    public init(
        database: any Database, identity: String? = nil, clock: any WallClock = SystemWallClock(),
        logger: Logger = Logger(label: "lumiere.broker")
    ) async throws {
        let opening = try await OutboxOpening.of(database, identity: identity, clock: clock, logger: logger)
        self.house = opening.house
        self.state = NIOLockedValueBox(State(position: opening.latest.position))
        self.events = OutboxHistory(database)
        self.limiter = LocalRateLimiter(clock: clock)
    }

    public var epoch: String { state.withLockedValue { $0.position }.epoch(of: house) }

    public func subscribe(_ receiver: any EventReceiver) {
        state.withLockedValue { $0.receiver = receiver }
    }

    public func publish(_ batch: EventBatch) async throws {
        guard let receiver else { return }
        batch.events.forEach(receiver.receive)
    }

    public func restart(at position: OutboxPosition) {
        let isNews = state.withLockedValue { state in
            defer { state.position = max(state.position, position) }
            return position.generation > state.position.generation
        }
        if isNews { receiver?.receiveLoss() }
    }

    public func send(_ event: EphemeralEvent) { receiver?.receive(event) }

    private var receiver: (any EventReceiver)? { state.withLockedValue { $0.receiver } }

    public func outboxMayHaveChanged() {}

    public func nudge(_ name: String, _ payload: String) { nudges.deliver(name, payload) }

    public func listen(for name: String, _ body: @escaping @Sendable (String) -> Void) { nudges.listen(for: name, body) }

    public func history(of topic: Topic, after offset: Int64, limit: Int) async throws -> TopicHistory {
        try await events.of(topic, after: offset, limit: limit)
    }

    public func latestOffset(of topic: Topic) async throws -> Int64 { try await events.latestOffset(of: topic) }
}
