import Core

/// What topics published, read from the outbox: the one history of both brokers.
struct OutboxHistory: Sendable {
    private let database: any Database

    init(_ database: any Database) { self.database = database }

    /// Complete unless something after the offset is pruned, does not fit the limit (at most 10 000), or the offset was
    /// never given out (the database is an older copy).
    func of(_ topic: Topic, after offset: Int64, limit: Int) async throws -> TopicHistory {
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

    func latestOffset(of topic: Topic) async throws -> Int64 {
        try await database.read { transaction in
            let latest = try OutboxStore.latest(of: topic, in: transaction)
            return latest > 0 ? latest : try OutboxStore.floor(of: topic, in: transaction)
        }
    }
}
