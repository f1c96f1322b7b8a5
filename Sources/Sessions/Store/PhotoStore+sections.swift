import Core

extension PhotoStore {
    /// Sections that are told of at a time.
    static let maximumSections = 1000

    /// Photos by the quarter of an hour in which they were taken, earliest first: time zones differ by quarters of hours.
    func quarters(of session: SessionID, onlyShown: Bool, _ tx: any Transaction) throws -> [PhotoSection.Counted] {
        try tx.query(
            """
            SELECT '' AS name, COUNT(*) AS photos, MIN(taken_at) AS first, MAX(taken_at) AS last
            FROM photos WHERE session_id = \(session) AND \(sql: Self.visible(onlyShown))
            GROUP BY taken_at / 900000 ORDER BY taken_at / 900000
            """
        ).map(counted)
    }

    func categories(of session: SessionID, onlyShown: Bool, _ tx: any Transaction) throws -> [PhotoSection.Counted] {
        try tx.query(
            """
            SELECT category AS name, COUNT(*) AS photos, MIN(taken_at) AS first, MAX(taken_at) AS last
            FROM photos WHERE session_id = \(session) AND category IS NOT NULL AND \(sql: Self.visible(onlyShown))
            GROUP BY category ORDER BY category LIMIT \(Self.maximumSections)
            """
        ).map(counted)
    }

    func tags(of session: SessionID, onlyShown: Bool, _ tx: any Transaction) throws -> [PhotoSection.Counted] {
        try tx.query(
            """
            SELECT tag AS name, COUNT(*) AS photos, MIN(taken_at) AS first, MAX(taken_at) AS last
            FROM photo_tags JOIN photos ON photos.id = photo_tags.photo_id
            WHERE photo_tags.session_id = \(session) AND \(sql: Self.visible(onlyShown))
            GROUP BY tag ORDER BY tag LIMIT \(Self.maximumSections)
            """
        ).map(counted)
    }

    private static func visible(_ onlyShown: Bool) -> SQL { onlyShown ? "shown_at IS NOT NULL" : "binned_at IS NULL" }

    private func counted(_ row: Row) throws -> PhotoSection.Counted {
        PhotoSection.Counted(
            key: try row.get("name"), count: try row.get("photos"), from: try row.get("first"), until: try row.get("last"))
    }
}
