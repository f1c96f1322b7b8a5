import Core
import Foundation
import NIOConcurrencyHelpers

/// The broker of a single server process: hands events straight to the receiver; the outbox table is the history.
///
/// History comes from the database and may thus hold an event a moment before the receiver gets it: a reader should be
/// registered for live events first, and then skip live offsets its history had.
public final class InProcessBroker: EventTransport {
    public let epoch: String
    public let presence: any PresenceRegistry = LocalPresence()
    public let limiter: any RateLimiter
    public let health = BrokerHealth.healthy
    private let events: OutboxHistory
    private let nudges = LocalNudges()
    private let receiver = NIOLockedValueBox<(any EventReceiver)?>(nil)

    /// - Parameter database: migrated; the epoch is kept in it, and made by the first broker that opens it.
    /// - Throws: `DatabaseError`.
    public init(database: any Database, clock: any WallClock = SystemWallClock()) async throws {
        let new = UUID().uuidString.lowercased()
        self.epoch = try await database.write { try OutboxStore.epoch(orElse: new, in: $0) }
        self.events = OutboxHistory(database)
        self.limiter = LocalRateLimiter(clock: clock)
    }

    public func subscribe(_ receiver: any EventReceiver) {
        self.receiver.withLockedValue { $0 = receiver }
    }

    public func publish(_ batch: EventBatch) async throws {
        guard let receiver = receiver.withLockedValue({ $0 }) else { return }
        batch.events.forEach(receiver.receive)
    }

    public func send(_ event: EphemeralEvent) { receiver.withLockedValue { $0 }?.receive(event) }

    public func outboxMayHaveChanged() {}

    public func nudge(_ name: String, _ payload: String) { nudges.deliver(name, payload) }

    public func listen(for name: String, _ body: @escaping @Sendable (String) -> Void) { nudges.listen(for: name, body) }

    public func history(of topic: Topic, after offset: Int64, limit: Int) async throws -> TopicHistory {
        try await events.of(topic, after: offset, limit: limit)
    }

    public func latestOffset(of topic: Topic) async throws -> Int64 { try await events.latestOffset(of: topic) }
}
