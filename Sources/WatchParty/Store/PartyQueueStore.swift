import Core

/// The SQL of queues, and of votes.
struct PartyQueueStore {
    private static let columns: SQL =
        """
        id, photo_id, added_by, adder_name, is_of_administrator, pin, added_at,
        (SELECT COUNT(*) FROM party_votes v WHERE v.entry_id = e.id AND v.is_skip = 0) AS votes
        """

    /// In no order; see `inOrder`.
    func entries(of party: SessionID, _ tx: any Transaction) throws -> [QueueEntry] {
        try tx.query(
            "SELECT \(sql: Self.columns) FROM party_entries e WHERE session_id = \(party) LIMIT \(QueueRules.maxEntries)"
        ).map(entry)
    }

    func entry(_ id: String, _ tx: any Transaction) throws -> QueueEntry? {
        try tx.first("SELECT \(sql: Self.columns) FROM party_entries e WHERE id = \(id)").map(entry)
    }

    private func entry(_ row: Row) throws -> QueueEntry {
        QueueEntry(
            id: try row.get("id"), photoID: try row.get("photo_id"), addedBy: try row.get("added_by"),
            adderName: try row.get("adder_name"), isOfAdministrator: try row.get("is_of_administrator"), votes: try row.get("votes"),
            pin: try row.optional("pin"), addedAt: try row.get("added_at"))
    }

    /// - Throws: `DatabaseError.duplicate` when the film is in the queue.
    func insert(_ entry: QueueEntry, in party: SessionID, _ tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO party_entries (id, session_id, photo_id, added_by, adder_name, is_of_administrator, pin, added_at)
            VALUES (\(entry.id), \(party), \(entry.photoID), \(entry.addedBy), \(entry.adderName), \(entry.isOfAdministrator),
                \(entry.pin), \(entry.addedAt))
            """)
    }

    func setPin(_ pin: Int?, of entry: String, _ tx: any Transaction) throws {
        try tx.execute("UPDATE party_entries SET pin = \(pin) WHERE id = \(entry)")
    }

    func remove(_ entry: String, _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM party_votes WHERE entry_id = \(entry)")
        try tx.execute("DELETE FROM party_entries WHERE id = \(entry)")
    }

    // MARK: Votes

    /// - Parameter isSkip: to go on to the next, not for the entry itself.
    /// - Returns: whether it is news.
    func vote(_ person: Person, _ entry: String, isSkip: Bool, in party: SessionID, _ tx: any Transaction) throws -> Bool {
        try tx.execute(
            """
            INSERT INTO party_votes (entry_id, person, is_skip, session_id) VALUES (\(entry), \(person), \(isSkip), \(party))
            ON CONFLICT (entry_id, person, is_skip) DO NOTHING
            """) == 1
    }

    func unvote(_ person: Person, _ entry: String, isSkip: Bool, _ tx: any Transaction) throws -> Bool {
        try tx.execute("DELETE FROM party_votes WHERE entry_id = \(entry) AND person = \(person) AND is_skip = \(isSkip)") == 1
    }

    /// How many of those who are there want to go on to the next.
    func skipVotes(_ entry: String, in party: SessionID, _ tx: any Transaction) throws -> Int {
        try tx.first(
            """
            SELECT COUNT(*) AS count FROM party_votes v
            JOIN party_members m ON m.session_id = v.session_id AND m.person = v.person
            WHERE v.entry_id = \(entry) AND v.is_skip = 1 AND m.session_id = \(party) AND m.is_present = 1
            """)?.get("count") ?? 0
    }

    func hasSkipVotes(_ entry: String, _ tx: any Transaction) throws -> Bool {
        try tx.exists("SELECT person FROM party_votes WHERE entry_id = \(entry) AND is_skip = 1 LIMIT 1")
    }

    func removeSkipVotes(_ entry: String, _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM party_votes WHERE entry_id = \(entry) AND is_skip = 1")
    }

    /// What somebody has voted for.
    func votes(of person: Person, in party: SessionID, _ tx: any Transaction) throws -> (entries: [String], skips: [String]) {
        let rows = try tx.query(
            """
            SELECT entry_id, is_skip FROM party_votes WHERE session_id = \(party) AND person = \(person)
            ORDER BY entry_id LIMIT \(2 * QueueRules.maxEntries)
            """
        ).map { (entry: try $0.get("entry_id", as: String.self), isSkip: try $0.get("is_skip", as: Bool.self)) }
        return (rows.filter { !$0.isSkip }.map(\.entry), rows.filter(\.isSkip).map(\.entry))
    }

    /// Makes what somebody added and voted for somebody else's, who has done neither.
    func pass(from old: Person, to new: Person, in party: SessionID, _ tx: any Transaction) throws {
        try tx.execute("UPDATE party_entries SET added_by = \(new) WHERE session_id = \(party) AND added_by = \(old)")
        try tx.execute("UPDATE party_votes SET person = \(new) WHERE session_id = \(party) AND person = \(old)")
    }

    func removeVotes(of person: Person, in party: SessionID, _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM party_votes WHERE session_id = \(party) AND person = \(person)")
    }
}
