import Core

/// The SQL of how far people have read.
struct ReadStore {
    /// The place of the latest message that somebody has read, 0 for none.
    func sequence(of person: Person, in chat: ChatID, _ tx: any Transaction) throws -> Int64 {
        try tx.first("SELECT sequence FROM chat_reads WHERE chat_id = \(chat) AND person = \(person)")?.get("sequence") ?? 0
    }

    /// Never goes back.
    /// - Returns: whether it went on.
    func advance(
        _ person: Person, to sequence: Int64, in chat: ChatID, at now: Timestamp, _ tx: any Transaction
    ) throws -> Bool {
        try tx.execute(
            """
            INSERT INTO chat_reads (chat_id, person, sequence, updated_at) VALUES (\(chat), \(person), \(sequence), \(now))
            ON CONFLICT (chat_id, person) DO UPDATE SET sequence = excluded.sequence, updated_at = excluded.updated_at
            WHERE chat_reads.sequence < excluded.sequence
            """) == 1
    }
}
