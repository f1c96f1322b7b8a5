import Core

extension OutboxStore {
    /// The house's name; makes one at the first call. It stays, whatever becomes of the history.
    static func house(orElse new: String, in transaction: any Transaction) throws -> String {
        try transaction.execute("""
            INSERT INTO outbox_state (id, epoch, published_through) VALUES (1, \(new), 0) ON CONFLICT (id) DO NOTHING
            """)
        return try house(in: transaction) ?? new
    }

    /// The house's name; `nil` before any process has opened the outbox.
    static func house(in transaction: any Transaction) throws -> String? {
        try transaction.first("SELECT epoch FROM outbox_state WHERE id = 1")?.get("epoch")
    }

    /// Where a process that starts finds the house. In another database than the one that the history was last continued in,
    /// which must be a copy, a new history begins.
    /// - Parameters:
    ///   - new: the house's name, should this be its first process.
    ///   - identity: the database's, as `DatabaseDriver` gives it.
    static func open(
        orElse new: String, identity: String?, at now: Timestamp, in transaction: any Transaction
    ) throws -> OutboxOpening {
        let house = try house(orElse: new, in: transaction)
        let isCopy = try identity.map { try note(identity: $0, in: transaction) } ?? false
        if isCopy { _ = try restart(after: generation(in: transaction), at: now, in: transaction) }
        return OutboxOpening(house: house, latest: try latestMark(in: transaction), isCopy: isCopy)
    }

    /// - Returns: whether it was another one before.
    private static func note(identity: String, in transaction: any Transaction) throws -> Bool {
        let row = try transaction.first("SELECT database_identity FROM outbox_state WHERE id = 1")
        let known: String? = try row?.optional("database_identity")
        guard known != identity else { return false }
        try transaction.execute("UPDATE outbox_state SET database_identity = \(identity) WHERE id = 1")
        return known != nil
    }

    static func generation(in transaction: any Transaction) throws -> Int64 {
        try transaction.first("SELECT generation FROM outbox_state WHERE id = 1")?.get("generation") ?? 0
    }

    /// The place of the latest event.
    static func latestMark(in transaction: any Transaction) throws -> OutboxMark {
        try mark(at: latest(in: transaction), in: transaction)
    }

    /// How far events have been published.
    static func publishedMark(in transaction: any Transaction) throws -> OutboxMark {
        let row = try transaction.first("SELECT published_through FROM outbox_state WHERE id = 1")
        return try mark(at: row?.get("published_through") ?? 0, in: transaction)
    }

    private static func mark(at sequence: Int64, in transaction: any Transaction) throws -> OutboxMark {
        let entry = try entries(after: sequence - 1, limit: 1, in: transaction).first { $0.sequence == sequence }
        return OutboxMark(
            position: OutboxPosition(generation: try generation(in: transaction), sequence: sequence),
            event: entry?.published)
    }

    /// Events after a mark over all topics, oldest first; `nil` when the database no longer is where the mark was made:
    /// it has gone back in time, or somebody has found that already.
    ///
    /// The event at the mark shows it. The newest is never pruned, so where it is missing and nothing comes after it,
    /// it has not happened; where it is another, history has been written anew, and perhaps overtaken us.
    static func entries(
        from mark: OutboxMark, limit: Int, in transaction: any Transaction
    ) throws -> [OutboxEntry]? {
        let (position, entries) = (
            mark.position, try entries(after: mark.position.sequence - 1, limit: limit + 1, in: transaction))
        guard let first = entries.first else {
            let start = OutboxPosition(generation: try generation(in: transaction), sequence: 0)
            return position == start ? [] : nil
        }
        guard first.generation == position.generation else { return nil }
        guard first.sequence == position.sequence else { return Array(entries.prefix(limit)) }
        guard mark.event.map(first.isSame) ?? true else { return nil }
        return Array(entries.dropFirst())
    }

    /// Begins a history that comes after the given one, unless somebody has done so already.
    ///
    /// It is named by the time: a number counted up in the database would be given out again when the same backup is
    /// restored for the second time, and what clients hold of the first would be taken for ours.
    /// - Returns: where to go on from: what the database holds is the state that everybody has to read.
    /// - Throws: `NoHouse`.
    static func restart(
        after generation: Int64, at now: Timestamp, in transaction: any Transaction
    ) throws -> OutboxMark {
        try transaction.execute("""
            UPDATE outbox_state
            SET generation = \(max(generation + 1, now.milliseconds)),
                published_through = (SELECT COALESCE(MAX(sequence), 0) FROM outbox)
            WHERE id = 1 AND generation <= \(generation)
            """)
        let mark = try latestMark(in: transaction)
        guard mark.position.generation > generation else { throw NoHouse() }
        return mark
    }

    /// The database is migrated but has never been a house's.
    struct NoHouse: Error {}
}
