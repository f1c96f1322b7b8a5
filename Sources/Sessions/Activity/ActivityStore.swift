import Core

/// The SQL of what happened at the doors of sessions, and of how long photos took to be seen.
struct ActivityStore: Sendable {
    /// Rows that one statement writes.
    private static let batch = 200

    /// Those of some sessions that there are.
    func present(_ sessions: Set<SessionID>, _ tx: any Transaction) throws -> Set<SessionID> {
        var present = Set<SessionID>()
        let sessions = Array(sessions)
        for start in stride(from: 0, to: sessions.count, by: Self.batch) {
            let rows = try tx.query(
                "SELECT id FROM sessions WHERE deleted_at IS NULL AND id IN \(list: Array(sessions[start...].prefix(Self.batch)))")
            for row in rows { present.insert(try row.get("id")) }
        }
        return present
    }

    func add(_ lines: [ActivitySheet.Line], _ tx: any Transaction) throws {
        try insert(
            lines.map { "(\($0.session), \($0.at), \($0.kind), \($0.link?.description ?? ""), \($0.network), \($0.name))" }, tx
        ) { "INSERT INTO access_log (session_id, at, kind, link_id, network, name) VALUES \(sql: $0)" }
    }

    /// - Parameter entries: in the same order by whoever writes at the same time.
    func add(_ entries: [(door: ActivitySheet.Door, count: Int)], _ tx: any Transaction) throws {
        try insert(
            entries.map { "(\($0.door.session), \($0.door.slot.number), \($0.door.link?.description ?? ""), \($0.count))" }, tx
        ) {
            """
            INSERT INTO session_entries (session_id, slot, link_id, entries) VALUES \(sql: $0)
            ON CONFLICT (session_id, slot, link_id) DO UPDATE SET entries = session_entries.entries + excluded.entries
            """
        }
    }

    /// - Parameter latencies: in the same order by whoever writes at the same time.
    func add(_ latencies: [(session: SessionID, histogram: LatencyHistogram)], _ tx: any Transaction) throws {
        let lines = latencies.flatMap { session, histogram in
            histogram.counts.sorted { $0.key < $1.key }.map { "(\(session), \($0.key), \($0.value))" as SQL }
        }
        try insert(lines, tx) {
            """
            INSERT INTO photo_latencies (session_id, step, photos) VALUES \(sql: $0)
            ON CONFLICT (session_id, step) DO UPDATE SET photos = photo_latencies.photos + excluded.photos
            """
        }
    }

    private func insert(_ lines: [SQL], _ tx: any Transaction, _ statement: (SQL) -> SQL) throws {
        for start in stride(from: 0, to: lines.count, by: Self.batch) {
            let part = lines[start...].prefix(Self.batch)
            try tx.execute(statement(part.dropFirst().reduce(lines[start]) { "\(sql: $0), \(sql: $1)" }))
        }
    }

    /// Lets go of a session's oldest lines beyond so many.
    func trim(_ session: SessionID, keeping kept: Int, _ tx: any Transaction) throws {
        try tx.execute(
            """
            DELETE FROM access_log WHERE session_id = \(session) AND id <= COALESCE(
                (SELECT id FROM access_log WHERE session_id = \(session) ORDER BY id DESC LIMIT 1 OFFSET \(kept)), 0)
            """)
    }

    /// Forgets lines that are older.
    func forget(before time: Timestamp, _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM access_log WHERE at < \(time)")
    }

    /// Newest first, from before a number.
    func log(of session: SessionID, before number: Int64, limit: Int, _ tx: any Transaction) throws -> [AccessView] {
        try tx.query(
            """
            SELECT id, at, kind, link_id, network, name FROM access_log
            WHERE session_id = \(session) AND id < \(number) ORDER BY id DESC LIMIT \(limit)
            """
        ).map { row in
            AccessView(
                number: try row.get("id"), at: try row.get("at"), kind: try row.get("kind"),
                link: LinkID(try row.get("link_id", as: String.self)), network: try row.get("network"), name: try row.get("name"))
        }
    }

    /// How many came in: all, and those by the access code.
    func entries(of session: SessionID, _ tx: any Transaction) throws -> EntryCount {
        let row = try tx.first("SELECT \(sql: Self.sums) FROM session_entries WHERE session_id = \(session)")
        return try row.map(count) ?? EntryCount()
    }

    /// How many came in when.
    func entries(
        of session: SessionID, in slots: Range<EntrySlot>, _ tx: any Transaction
    ) throws -> [(slot: EntrySlot, count: EntryCount)] {
        try tx.query(
            """
            SELECT slot, \(sql: Self.sums) FROM session_entries
            WHERE session_id = \(session) AND slot >= \(slots.lowerBound.number) AND slot < \(slots.upperBound.number)
            GROUP BY slot ORDER BY slot
            """
        ).map { (EntrySlot(number: try $0.get("slot")), try count($0)) }
    }

    /// How many came into the sessions of an account.
    func entries(ofOwner owner: UserID, _ tx: any Transaction) throws -> EntryCount {
        let row = try tx.first(
            "SELECT \(sql: Self.sums) FROM session_entries WHERE session_id IN (\(sql: Self.sessions(of: owner)))")
        return try row.map(count) ?? EntryCount()
    }

    func latencies(of session: SessionID, _ tx: any Transaction) throws -> LatencyHistogram {
        let rows = try tx.query("SELECT step, photos FROM photo_latencies WHERE session_id = \(session)")
        return try rows.reduce(into: LatencyHistogram()) { $0.add(step: try $1.get("step"), times: try $1.get("photos")) }
    }

    func remove(of session: SessionID, _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM access_log WHERE session_id = \(session)")
        try tx.execute("DELETE FROM session_entries WHERE session_id = \(session)")
        try tx.execute("DELETE FROM photo_latencies WHERE session_id = \(session)")
    }

    /// The sessions that an account owns.
    static func sessions(of owner: UserID) -> SQL { "SELECT id FROM sessions WHERE owner_id = \(owner) AND deleted_at IS NULL" }

    private static let sums: SQL =
        """
        CAST(COALESCE(SUM(entries), 0) AS BIGINT) AS entries,
        CAST(COALESCE(SUM(CASE WHEN link_id = '' THEN entries ELSE 0 END), 0) AS BIGINT) AS by_code
        """

    private func count(_ row: Row) throws -> EntryCount {
        EntryCount(all: try row.get("entries"), byCode: try row.get("by_code"))
    }
}

extension EntrySlot: Comparable {
    static func < (left: EntrySlot, right: EntrySlot) -> Bool { left.number < right.number }
}

/// Entries; whoever enters again is counted again.
struct EntryCount: Sendable, Equatable {
    var all = 0
    var byCode = 0

    var byLink: Int { all - byCode }

    static func += (left: inout EntryCount, right: EntryCount) {
        left = EntryCount(all: left.all + right.all, byCode: left.byCode + right.byCode)
    }
}
