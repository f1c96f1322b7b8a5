import Core

/// The SQL of links.
///
/// Entries and downloads are counted where they are limited, by one statement that holds the row until the end of its
/// transaction: whatever is removed or changed meanwhile waits, and finds the guest.
struct ShareLinkStore: Sendable {
    private static let columns: SQL =
        """
        id, session_id, name, rights, token_hash, sealed_token, password_hash, expires_at, max_uses, uses, max_downloads,
        downloads, created_at, last_used_at
        """

    func insert(_ link: ShareLink, _ tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO share_links (id, session_id, name, rights, token_hash, sealed_token, password_hash, expires_at, max_uses,
                uses, max_downloads, downloads, logged, created_at)
            VALUES (\(link.id), \(link.sessionID), \(link.name), \(link.rights), \(link.tokenHash), \(link.sealedToken),
                \(link.passwordHash), \(link.expiresAt), \(link.maxUses), 0, \(link.maxDownloads), 0, 0, \(link.createdAt))
            """)
    }

    /// Writes all but what is counted.
    func update(_ link: ShareLink, _ tx: any Transaction) throws {
        try tx.execute(
            """
            UPDATE share_links SET name = \(link.name), rights = \(link.rights), sealed_token = \(link.sealedToken),
                password_hash = \(link.passwordHash), expires_at = \(link.expiresAt), max_uses = \(link.maxUses),
                max_downloads = \(link.maxDownloads)
            WHERE id = \(link.id)
            """)
    }

    func find(_ id: LinkID, in session: SessionID, _ tx: any Transaction) throws -> ShareLink? {
        try tx.first("SELECT \(sql: Self.columns) FROM share_links WHERE id = \(id) AND session_id = \(session)").map(link)
    }

    func find(tokenHash: [UInt8], _ tx: any Transaction) throws -> ShareLink? {
        try tx.first("SELECT \(sql: Self.columns) FROM share_links WHERE token_hash = \(tokenHash)").map(link)
    }

    /// Newest first, from after `cursor`.
    func list(of session: SessionID, after cursor: Cursor?, limit: Int, _ tx: any Transaction) throws -> [ShareLink] {
        let after = cursor ?? Cursor(key: .max, id: "")
        return try tx.query(
            """
            SELECT \(sql: Self.columns) FROM share_links
            WHERE session_id = \(session)
                AND (created_at < \(after.key) OR (created_at = \(after.key) AND id < \(after.id)))
            ORDER BY created_at DESC, id DESC LIMIT \(limit)
            """
        ).map(link)
    }

    func count(of session: SessionID, _ tx: any Transaction) throws -> Int {
        try tx.first("SELECT COUNT(*) AS links FROM share_links WHERE session_id = \(session)")?.get("links") ?? 0
    }

    /// - Returns: whether there was such a link.
    func remove(_ id: LinkID, in session: SessionID, _ tx: any Transaction) throws -> Bool {
        let count = try tx.execute("DELETE FROM share_links WHERE id = \(id) AND session_id = \(session)")
        try tx.execute("DELETE FROM link_uses WHERE link_id = \(id)")
        try tx.execute("DELETE FROM link_downloads WHERE link_id = \(id)")
        return count == 1
    }

    /// Keeps the links of a session for this transaction alone until it ends.
    func hold(of session: SessionID, _ tx: any Transaction) throws {
        try tx.execute("UPDATE share_links SET uses = uses WHERE session_id = \(session)")
    }

    /// - Returns: those that there were.
    @discardableResult
    func removeAll(of session: SessionID, _ tx: any Transaction) throws -> [LinkID] {
        let gone = try tx.query("DELETE FROM share_links WHERE session_id = \(session) RETURNING id")
        let ids = try gone.map { try $0.get("id", as: LinkID.self) }
        try tx.execute("DELETE FROM link_uses WHERE link_id IN \(list: ids)")
        try tx.execute("DELETE FROM link_downloads WHERE link_id IN \(list: ids)")
        return ids
    }

    /// Links whose session has been purged by a program that knew of no links.
    func removeOrphans(_ tx: any Transaction) throws {
        try tx.execute("DELETE FROM share_links WHERE session_id NOT IN (SELECT id FROM sessions)")
    }

    // MARK: What is counted

    /// Counts an entry.
    /// - Returns: the link, held until the transaction ends; `nil` when it is gone, has expired or is used up.
    func enter(_ id: LinkID, at now: Timestamp, _ tx: any Transaction) throws -> ShareLink? {
        try tx.query(
            """
            UPDATE share_links SET uses = uses + 1, last_used_at = \(now)
            WHERE id = \(id) AND (max_uses = 0 OR uses < max_uses) AND (expires_at IS NULL OR expires_at > \(now))
            RETURNING \(sql: Self.columns)
            """
        ).first.map(link)
    }

    /// Whether that guest began to download that content before.
    func hasDownloaded(_ content: String, _ grant: GrantID, _ tx: any Transaction) throws -> Bool {
        try tx.exists("SELECT link_id FROM link_downloads WHERE grant_id = \(grant) AND content = \(content)")
    }

    /// Counts a download, the first time a guest asks for that content.
    /// - Returns: `nil` when it was counted before; whether the link allows it otherwise.
    func download(_ content: String, _ grant: GrantID, by link: LinkID, _ tx: any Transaction) throws -> Bool? {
        let isNew = try tx.execute(
            """
            INSERT INTO link_downloads (grant_id, content, link_id) VALUES (\(grant), \(content), \(link))
            ON CONFLICT (grant_id, content) DO NOTHING
            """) == 1
        guard isNew else { return nil }
        return try tx.execute(
            """
            UPDATE share_links SET downloads = downloads + 1
            WHERE id = \(link) AND (max_downloads = 0 OR downloads < max_downloads)
            """) == 1
    }

    /// Takes back what was counted of a content that a guest has asked for; of one that was not counted, nothing.
    func takeBack(_ content: String, _ grant: GrantID, _ tx: any Transaction) throws {
        let taken = try tx.query("DELETE FROM link_downloads WHERE grant_id = \(grant) AND content = \(content) RETURNING link_id")
        guard let link: LinkID = try taken.first?.get("link_id") else { return }
        try tx.execute("UPDATE share_links SET downloads = downloads - 1 WHERE id = \(link) AND downloads > 0")
    }

    /// Forgets what was downloaded by guests who came before a time: their grants' ids begin with it.
    func forgetDownloads(ofGuestsBefore time: Timestamp, _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM link_downloads WHERE grant_id < \(GrantID(at: time))")
    }

    private func link(_ row: Row) throws -> ShareLink {
        ShareLink(
            id: try row.get("id"), sessionID: try row.get("session_id"), name: try row.get("name"), rights: try row.get("rights"),
            tokenHash: try row.get("token_hash"), sealedToken: try row.get("sealed_token"),
            passwordHash: try row.optional("password_hash"), expiresAt: try row.optional("expires_at"),
            maxUses: try row.get("max_uses"), uses: try row.get("uses"), maxDownloads: try row.get("max_downloads"),
            downloads: try row.get("downloads"), createdAt: try row.get("created_at"), lastUsedAt: try row.optional("last_used_at"))
    }
}
