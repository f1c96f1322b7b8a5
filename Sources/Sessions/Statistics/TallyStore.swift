import Core

/// The SQL of views and downloads: one row for each original and what its guests came by; archives are of no original.
struct TallyStore: Sendable {
    /// Rows that one statement writes.
    private static let batch = 200

    struct Entry: Sendable, Equatable {
        var session: SessionID
        var original: OriginalID?
        /// `nil` for guests who came by the access code.
        var link: LinkID?
        var count: TallySheet.Count
    }

    /// Adds to what there is.
    /// - Parameter entries: each original and link once, in the same order by whoever writes at the same time.
    func add(_ entries: [Entry], _ tx: any Transaction) throws {
        for start in stride(from: 0, to: entries.count, by: Self.batch) {
            let lines = entries[start...].prefix(Self.batch).map { entry in
                """
                (\(entry.session), \(entry.original?.description ?? ""), \(entry.link?.description ?? ""), \(entry.count.views),
                \(entry.count.downloads))
                """ as SQL
            }
            let list = lines.dropFirst().reduce(lines[0]) { "\(sql: $0), \(sql: $1)" }
            try tx.execute(
                """
                INSERT INTO media_tallies (session_id, original_id, link_id, views, downloads) VALUES \(sql: list)
                ON CONFLICT (session_id, original_id, link_id) DO UPDATE SET
                    views = media_tallies.views + excluded.views, downloads = media_tallies.downloads + excluded.downloads
                """)
        }
    }

    /// Of a whole session.
    func total(of session: SessionID, _ tx: any Transaction) throws -> TallySheet.Count {
        try tx.first(
            """
            SELECT CAST(COALESCE(SUM(views), 0) AS BIGINT) AS views, CAST(COALESCE(SUM(downloads), 0) AS BIGINT) AS downloads
            FROM media_tallies WHERE session_id = \(session)
            """
        ).map(count) ?? TallySheet.Count()
    }

    /// Of all sessions that an account owns.
    func total(ofOwner owner: UserID, _ tx: any Transaction) throws -> TallySheet.Count {
        try tx.first(
            """
            SELECT CAST(COALESCE(SUM(views), 0) AS BIGINT) AS views, CAST(COALESCE(SUM(downloads), 0) AS BIGINT) AS downloads
            FROM media_tallies WHERE session_id IN (\(sql: ActivityStore.sessions(of: owner)))
            """
        ).map(count) ?? TallySheet.Count()
    }

    /// Of those who came by each link.
    func byLink(of session: SessionID, _ tx: any Transaction) throws -> [LinkID: TallySheet.Count] {
        let rows = try tx.query(
            """
            SELECT link_id, CAST(SUM(views) AS BIGINT) AS views, CAST(SUM(downloads) AS BIGINT) AS downloads
            FROM media_tallies WHERE session_id = \(session) AND link_id <> '' GROUP BY link_id
            """)
        return try Dictionary(uniqueKeysWithValues: rows.map { (try $0.get("link_id"), try count($0)) })
    }

    /// The photos that were looked at most, with what of all their originals was.
    func mostViewed(of session: SessionID, limit: Int, _ tx: any Transaction) throws -> [(photo: PhotoID, count: TallySheet.Count)] {
        try tx.query(
            """
            SELECT photos.id AS photo_id, CAST(SUM(views) AS BIGINT) AS views, CAST(SUM(downloads) AS BIGINT) AS downloads
            FROM media_tallies JOIN photos ON photos.original_id = media_tallies.original_id
            WHERE media_tallies.session_id = \(session) GROUP BY photos.id
            ORDER BY 2 DESC, 3 DESC, 1 LIMIT \(limit)
            """
        ).map { (try $0.get("photo_id"), try count($0)) }
    }

    func remove(of session: SessionID, _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM media_tallies WHERE session_id = \(session)")
    }

    private func count(_ row: Row) throws -> TallySheet.Count {
        TallySheet.Count(views: try row.get("views"), downloads: try row.get("downloads"))
    }
}
