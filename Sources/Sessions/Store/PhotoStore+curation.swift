import Core

extension PhotoStore {
    /// Writes what has been decided and written about a photo, and with it whether guests see it.
    func setCuration(_ photo: Photo, at now: Timestamp, _ tx: any Transaction) throws {
        let curation = photo.curation
        let shown: SQL =
            curation.isOpen
            ? "CASE WHEN shown_at IS NOT NULL THEN shown_at WHEN thumbed_at IS NOT NULL THEN \(now) ELSE shown_at END" : "NULL"
        try tx.execute(
            """
            UPDATE photos SET review = \(curation.review), review_note = \(curation.note), reviewer_id = \(curation.reviewerID),
                reviewed_at = \(curation.reviewedAt), hidden = \(curation.isHidden), binned_at = \(curation.binnedAt),
                title = \(curation.title), caption = \(curation.caption), category = \(curation.category),
                labels = \(curation.tags.isEmpty ? nil : try JSON.text(curation.tags)), rating = \(curation.rating),
                featured = \(curation.isFeatured), position = \(curation.position), captured_at = \(curation.capturedAt),
                taken_at = \(photo.takenAt), stack_id = \(curation.stackID), thumbed_at = COALESCE(thumbed_at, shown_at),
                shown_at = \(sql: shown)
            WHERE id = \(photo.id)
            """)
    }

    /// Replaces the rows by which photos are found by their tags.
    func setTags(of photo: Photo, _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM photo_tags WHERE photo_id = \(photo.id)")
        guard let first = photo.curation.tags.first else { return }
        let line = { (tag: String) in "(\(photo.id), \(tag), \(photo.sessionID))" as SQL }
        let lines = photo.curation.tags.dropFirst().reduce(line(first)) { "\(sql: $0), \(sql: line($1))" }
        try tx.execute("INSERT INTO photo_tags (photo_id, tag, session_id) VALUES \(sql: lines)")
    }

    /// Notes that there is something to be shown, and shows it to guests unless its curation says no.
    /// - Returns: false when that was known already.
    func setThumbed(_ id: PhotoID, at now: Timestamp, _ tx: any Transaction) throws -> Bool {
        try tx.execute(
            """
            UPDATE photos SET thumbed_at = \(now),
                shown_at = CASE WHEN review = \(ReviewState.approved) AND hidden = 0 AND binned_at IS NULL THEN \(now) ELSE shown_at END
            WHERE id = \(id) AND thumbed_at IS NULL AND shown_at IS NULL
            """) == 1
    }

    /// Those of some photos that a session has, in no particular order, at most some hundreds.
    func find(_ ids: [PhotoID], in session: SessionID, _ tx: any Transaction) throws -> [Photo] {
        try tx.query(
            "SELECT \(sql: Self.columns) FROM photos WHERE session_id = \(session) AND id IN \(list: ids)"
        ).map(photo)
    }

    func curation(_ row: Row) throws -> Curation {
        var curation = Curation(position: try row.get("position"))
        curation.review = try row.get("review")
        curation.note = try row.optional("review_note")
        curation.reviewerID = try row.optional("reviewer_id")
        curation.reviewedAt = try row.optional("reviewed_at")
        curation.isHidden = try row.get("hidden")
        curation.binnedAt = try row.optional("binned_at")
        (curation.title, curation.caption) = (try row.optional("title"), try row.optional("caption"))
        curation.category = try row.optional("category")
        curation.tags = try row.optional("labels", as: String.self).map { try JSON.decode(from: $0) } ?? []
        curation.rating = try row.get("rating")
        curation.isFeatured = try row.get("featured")
        curation.capturedAt = try row.optional("captured_at")
        curation.stackID = try row.optional("stack_id")
        return curation
    }
}
