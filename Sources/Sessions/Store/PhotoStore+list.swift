import Core

extension PhotoStore {
    /// Photos of a session by a query, from after `cursor`.
    /// - Parameter onlyShown: leaves out what guests may not see.
    func list(
        _ session: SessionID, _ query: PhotoQuery, onlyShown: Bool, after cursor: PhotoCursor?, limit: Int, _ tx: any Transaction
    ) throws -> [Photo] {
        try tx.query(Self.statement(session, query, onlyShown: onlyShown, after: cursor, limit: limit)).map(photo)
    }

    /// The ready films of some sessions that everybody there sees, the newest first.
    func films(in sessions: [SessionID], after cursor: Cursor?, limit: Int, _ tx: any Transaction) throws -> [Photo] {
        if sessions.isEmpty { return [] }
        let after: SQL = cursor.map { "AND (created_at, id) < (\($0.key), \($0.id))" } ?? ""
        return try tx.query(
            """
            SELECT \(sql: Self.columns) FROM photos
            WHERE session_id IN \(list: sessions) AND media_kind = \(MediaFacts.Kind.video) AND shown_at IS NOT NULL
                AND status = \(Photo.Status.ready) \(sql: after)
            ORDER BY created_at DESC, id DESC LIMIT \(limit)
            """
        ).map(photo)
    }

    static func statement(
        _ session: SessionID, _ query: PhotoQuery, onlyShown: Bool, after cursor: PhotoCursor?, limit: Int
    ) -> SQL {
        let (column, order) = (query.sort.column, query.sort.isDescending ? "DESC" as SQL : "ASC")
        let further: SQL = query.sort.isDescending ? "<" : ">"
        // A comparison of rows is one range of the index, however deep the page is.
        let after: SQL = cursor.map { "AND (\(sql: column), id) \(sql: further) (\($0.key), \($0.id))" } ?? ""
        let shown: SQL = onlyShown ? "AND shown_at IS NOT NULL" : ""
        let condition = query.condition(in: session, onlyShown: onlyShown)
        return """
            SELECT \(sql: columns) FROM photos WHERE session_id = \(session) \(sql: shown) \(sql: condition) \(sql: after)
            ORDER BY \(sql: column) \(sql: order), id \(sql: order) LIMIT \(limit)
            """
    }
}

extension PhotoQuery {
    /// The photo that stands for its stack: the one that the stack is named by, as long as it can be seen, else the best of those that can.
    private static func heads(onlyShown: Bool, isBinned: Bool) -> SQL {
        let visible: SQL = onlyShown ? "shown_at IS NOT NULL" : isBinned ? "binned_at IS NOT NULL" : "binned_at IS NULL"
        // Only where that one cannot be seen are the others compared.
        return """
            (stack_id IS NULL OR stack_id = id OR (
                NOT EXISTS (
                    SELECT h.id FROM photos AS h
                    WHERE h.id = photos.stack_id AND h.session_id = photos.session_id AND h.stack_id = h.id AND h.\(sql: visible))
                AND id = (
                    SELECT s.id FROM photos AS s
                    WHERE s.stack_id = photos.stack_id AND s.session_id = photos.session_id AND s.\(sql: visible)
                    ORDER BY s.rating DESC, s.taken_at, s.id LIMIT 1)))
            """
    }

    fileprivate func condition(in session: SessionID, onlyShown: Bool) -> SQL {
        let parts: [SQL?] = [
            isBinned ? "binned_at IS NOT NULL" : "binned_at IS NULL",
            status.map { "status = \($0)" },
            review.map { "review = \($0)" }, review.flatMap { $0 == .approved ? nil : "review <> 'approved'" },
            kind.map { "media_kind = \($0)" },
            tag.map { "id IN (SELECT photo_id FROM photo_tags WHERE session_id = \(session) AND tag = \($0))" },
            favouritesOf.map {
                """
                id IN (SELECT photo_id FROM photo_marks
                    WHERE session_id = \(session) AND person = \($0) AND kind = \(PhotoMark.favourite))
                """
            },
            category.map { "category = \($0)" }, photographer.map { "uploader_id = \($0)" },
            from.map { "taken_at >= \($0)" }, until.map { "taken_at < \($0)" }, rating.map { "rating >= \($0)" },
            isFeatured.map { "featured = \($0)" }, isHidden.map { "hidden = \($0)" }, stack.map { "stack_id = \($0)" },
            isCollapsed ? Self.heads(onlyShown: onlyShown, isBinned: isBinned) : nil,
        ]
        return parts.compactMap(\.self).reduce("") { "\(sql: $0) AND \(sql: $1)" }
    }
}
