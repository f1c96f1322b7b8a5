import Core

/// The SQL of what links were used for: of each the latest, numbered.
struct LinkUseStore: Sendable {
    /// Adds a line, and drops the one that is too many.
    /// - Parameter kept: lines of one link.
    func add(
        _ kind: LinkUse.Kind, of link: LinkID, network: String, name: String, at now: Timestamp, keeping kept: Int,
        _ tx: any Transaction
    ) throws {
        let rows = try tx.query("UPDATE share_links SET logged = logged + 1 WHERE id = \(link) RETURNING logged")
        guard let number = try rows.first?.get("logged", as: Int64.self) else { return }
        try tx.execute(
            """
            INSERT INTO link_uses (link_id, number, used_at, kind, network, name)
            VALUES (\(link), \(number), \(now), \(kind), \(network), \(name))
            """)
        try tx.execute("DELETE FROM link_uses WHERE link_id = \(link) AND number <= \(number - Int64(kept))")
    }

    /// Newest first, from before a number.
    func list(of link: LinkID, before number: Int64, limit: Int, _ tx: any Transaction) throws -> [LinkUse] {
        try tx.query(
            """
            SELECT number, used_at, kind, network, name FROM link_uses
            WHERE link_id = \(link) AND number < \(number) ORDER BY number DESC LIMIT \(limit)
            """
        ).map { row in
            LinkUse(
                number: try row.get("number"), at: try row.get("used_at"), kind: try row.get("kind"),
                network: try row.get("network"), name: try row.get("name"))
        }
    }

    /// Forgets what is older.
    func forget(before time: Timestamp, _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM link_uses WHERE used_at < \(time)")
    }
}
