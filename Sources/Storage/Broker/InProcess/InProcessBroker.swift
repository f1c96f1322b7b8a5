import Core
import Foundation
import NIOConcurrencyHelpers

/// The broker of a single server process: hands events straight to the receiver; the outbox table is the history.
///
/// An event's offset is its row's id. History comes from the database and may thus hold an event a moment before the
/// receiver gets it: a reader should be registered for live events first, and then skip live offsets its history had.
public final class InProcessBroker: EventTransport {
    public let epoch: String
    private let database: any Database
    private let receiver = NIOLockedValueBox<(any EventReceiver)?>(nil)

    /// - Parameter database: migrated; the epoch is kept in it, and made by the first broker that opens it.
    /// - Throws: `DatabaseError`.
    public init(database: any Database) async throws {
        let new = UUID().uuidString.lowercased()
        self.epoch = try await database.write { try OutboxStore.epoch(orElse: new, in: $0) }
        self.database = database
    }

    public func subscribe(_ receiver: any EventReceiver) {
        self.receiver.withLockedValue { $0 = receiver }
    }

    public func publish(_ events: [PublishedEvent]) async throws {
        guard let receiver = receiver.withLockedValue({ $0 }) else { return }
        events.forEach(receiver.receive)
    }

    public func send(_ event: EphemeralEvent) { receiver.withLockedValue { $0 }?.receive(event) }

    /// Complete unless something after the offset is pruned, does not fit the limit (at most 10 000), or the offset was
    /// never given out (the database is an older copy).
    public func history(of topic: Topic, after offset: Int64, limit: Int) async throws -> TopicHistory {
        let limit = min(max(limit, 0), 10_000)
        return try await database.read { transaction in
            let entries = try OutboxStore.entries(of: topic, after: offset, limit: limit + 1, in: transaction)
            let isKept = try offset >= OutboxStore.floor(of: topic, in: transaction)
            let isKnown = try offset <= OutboxStore.latest(in: transaction)
            return TopicHistory(
                events: entries.prefix(limit).compactMap(\.published),
                isComplete: isKept && isKnown && entries.count <= limit)
        }
    }

    public func latestOffset(of topic: Topic) async throws -> Int64 {
        try await database.read { transaction in
            let latest = try OutboxStore.latest(of: topic, in: transaction)
            return latest > 0 ? latest : try OutboxStore.floor(of: topic, in: transaction)
        }
    }
}
