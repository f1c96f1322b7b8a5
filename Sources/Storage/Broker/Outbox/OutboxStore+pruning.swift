import Core

extension OutboxStore {
    /// Removes a bounded number of published events that are past retention.
    /// - Returns: whether there may be more.
    static func prune(
        _ retention: OutboxRetention, published: Int64, now: Timestamp, in transaction: any Transaction
    ) throws -> Bool {
        let chunk = 500
        let oldest = try transaction.query("""
            SELECT sequence, created_at FROM outbox WHERE sequence IS NOT NULL ORDER BY sequence LIMIT \(chunk)
            """).map { OutboxRetention.Entry(sequence: try $0.get("sequence"), at: try $0.get("created_at")) }
        let newest = try latest(in: transaction)
        guard let cut = retention.cut(oldest, newest: newest, published: published, now: now) else { return false }
        try transaction.execute("""
            INSERT INTO outbox_floors (topic, pruned_through)
            SELECT topic, MAX(sequence) FROM outbox WHERE sequence <= \(cut) GROUP BY topic
            ON CONFLICT (topic) DO UPDATE SET pruned_through = excluded.pruned_through
            """)
        try transaction.execute("DELETE FROM outbox WHERE sequence <= \(cut)")
        return oldest.count == chunk && cut == oldest.last?.sequence
    }
}
