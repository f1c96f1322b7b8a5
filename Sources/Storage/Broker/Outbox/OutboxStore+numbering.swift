import Core

extension OutboxStore {
    /// Whether committed events wait for their sequences.
    static func hasWaiting(in transaction: any Transaction) throws -> Bool {
        try transaction.exists("SELECT id FROM outbox WHERE sequence IS NULL LIMIT 1")
    }

    /// Keeps everybody else from numbering until this transaction ends.
    static func lockNumbering(in transaction: any Transaction) throws {
        try transaction.execute("UPDATE outbox_state SET published_through = published_through WHERE id = 1")
    }

    /// Gives the oldest waiting events the next sequences, in the order of their ids; the numbering must be locked.
    /// - Parameter sequence: known to have been given out.
    /// - Returns: whether the database knows of that sequence; if it does not, nothing is numbered.
    @discardableResult
    static func number(from sequence: Int64 = 0, limit: Int, in transaction: any Transaction) throws -> Bool {
        let last = try latest(in: transaction)
        guard last >= sequence else { return false }
        try transaction.execute("""
            UPDATE outbox SET sequence = \(last) + waiting.place
            FROM (
                SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS place FROM outbox
                WHERE sequence IS NULL ORDER BY id LIMIT \(limit)
            ) AS waiting
            WHERE outbox.id = waiting.id
            """)
        return true
    }
}
