import Core
import Foundation

/// The SQL of photos.
struct PhotoStore {
    static let columns: SQL =
        """
        id, original_id, session_id, original_key, uploader_id, filename, content_type, size, sha256, status, failure,
        facts, part, created_at, shown_at, recipe, grant_id, review, review_note, reviewer_id, reviewed_at, hidden, binned_at,
        title, caption, category, labels, rating, featured, position, captured_at, taken_at, stack_id,
        uploader_name, likes, favourites
        """

    /// Adds the photo of a finished upload; false when the session has the same bytes already.
    /// - Parameters:
    ///   - file: what it may be paired by; `nil` when it stands alone.
    ///   - review: what has been decided about it by whoever sent it.
    ///   - name: what whoever sent it is called.
    ///   - failure: why it will not be processed at all.
    func insert(
        _ upload: CompletedUpload, _ file: PairedFile?, review: ReviewState = .approved, sentBy name: String? = nil, failure: ProcessingFailure? = nil,
        _ tx: any Transaction
    ) throws -> Bool {
        let status = failure == nil ? Photo.Status.processing : .failed
        let type = upload.contentType ?? upload.declaration.contentType
        let count = try tx.execute(
            """
            INSERT INTO photos (id, original_id, session_id, original_key, uploader_id, filename, content_type, size,
                sha256, crc32, status, failure, stem, part, created_at, grant_id, review, position, taken_at, media_kind,
                uploader_name)
            VALUES (\(PhotoID(upload.id)), \(OriginalID(upload.id)), \(upload.sessionID), \(upload.objectKey),
                \(upload.uploaderID), \(upload.declaration.filename), \(type), \(upload.size),
                \(upload.sha256), \(Int64(upload.crc32)), \(status), \(try failure.map(JSON.text)), \(file?.stem),
                \(file?.part), \(upload.completedAt), \(upload.grantID), \(review), \(upload.completedAt),
                \(upload.completedAt), \(type.hasPrefix("video/") ? MediaFacts.Kind.video : .photo), \(name))
            ON CONFLICT (session_id, sha256) DO NOTHING
            """)
        if count == 1 { try FileUsage().add(upload, tx) }
        return count == 1
    }

    func find(sha256: String, in session: SessionID, _ tx: any Transaction) throws -> Photo? {
        try tx.first(
            "SELECT \(sql: Self.columns) FROM photos WHERE session_id = \(session) AND sha256 = \(sha256)"
        ).map(photo)
    }

    /// The photo that displays an original.
    func find(displaying original: OriginalID, _ tx: any Transaction) throws -> Photo? {
        try tx.first("SELECT \(sql: Self.columns) FROM photos WHERE original_id = \(original)").map(photo)
    }

    /// Those whose files go by that name and that came between two moments, newest first.
    func find(
        stem: String, in session: SessionID, between times: ClosedRange<Timestamp>, limit: Int, _ tx: any Transaction
    ) throws -> [Photo] {
        try tx.query(
            """
            SELECT \(sql: Self.columns) FROM photos
            WHERE session_id = \(session) AND stem = \(stem)
                AND created_at BETWEEN \(times.lowerBound) AND \(times.upperBound)
            ORDER BY created_at DESC, id DESC LIMIT \(limit)
            """
        ).map(photo)
    }

    /// Whether a photo displays (still) that original.
    func displays(_ original: OriginalID, _ id: PhotoID, _ tx: any Transaction) throws -> Bool {
        try tx.exists("SELECT id FROM photos WHERE id = \(id) AND original_id = \(original)")
    }

    /// Displays a finished upload in place of what the photo displayed so far; it is to be processed first.
    func display(_ upload: CompletedUpload, _ file: PairedFile, in id: PhotoID, _ tx: any Transaction) throws {
        try tx.execute(
            """
            UPDATE photos SET original_id = \(OriginalID(upload.id)), original_key = \(upload.objectKey),
                filename = \(upload.declaration.filename), content_type = \(file.contentType), size = \(upload.size),
                sha256 = \(upload.sha256), crc32 = \(Int64(upload.crc32)), part = \(file.part), grant_id = \(upload.grantID),
                status = \(Photo.Status.processing), failure = NULL, facts = NULL, tags = NULL
            WHERE id = \(id)
            """)
        try FileUsage().add(upload, tx)
    }

    func find(_ id: PhotoID, _ tx: any Transaction) throws -> Photo? {
        try tx.first("SELECT \(sql: Self.columns) FROM photos WHERE id = \(id)").map(photo)
    }

    /// Those of at most some hundreds that there are, in no order.
    func find(_ ids: [PhotoID], _ tx: any Transaction) throws -> [Photo] {
        try tx.query("SELECT \(sql: Self.columns) FROM photos WHERE id IN \(list: ids)").map(photo)
    }

    func sessionID(of id: PhotoID, _ tx: any Transaction) throws -> SessionID? {
        try tx.first("SELECT session_id FROM photos WHERE id = \(id)").map { try $0.get("session_id") }
    }

    /// All, newest first, from after `cursor`: those in the bin, too.
    /// - Parameter onlyShown: leaves out what guests may not see yet, or never.
    func list(
        _ session: SessionID, onlyShown: Bool, after cursor: Cursor?, limit: Int, _ tx: any Transaction
    ) throws -> [Photo] {
        let shown: SQL = onlyShown ? "AND shown_at IS NOT NULL" : ""
        let after: SQL =
            cursor.map { "AND (created_at < \($0.key) OR (created_at = \($0.key) AND id < \($0.id)))" } ?? ""
        return try tx.query(
            """
            SELECT \(sql: Self.columns) FROM photos WHERE session_id = \(session) \(sql: shown) \(sql: after)
            ORDER BY created_at DESC, id DESC LIMIT \(limit)
            """
        ).map(photo)
    }

    /// How many photos each session has, without those in the bin.
    func counts(_ sessions: [SessionID], onlyShown: Bool, _ tx: any Transaction) throws -> [SessionID: Int] {
        let shown: SQL = onlyShown ? "AND shown_at IS NOT NULL" : "AND binned_at IS NULL"
        let rows = try tx.query(
            """
            SELECT session_id, COUNT(*) AS photos FROM photos WHERE session_id IN \(list: sessions) \(sql: shown)
            GROUP BY session_id
            """)
        return try Dictionary(uniqueKeysWithValues: rows.map { (try $0.get("session_id"), try $0.get("photos")) })
    }

    /// Keeps the tags apart from the rest, which every list reads.
    /// - Parameter zone: whose time of day cameras say that know no offset.
    func setFacts(_ facts: MediaFacts, of id: PhotoID, in zone: TimeZone, _ tx: any Transaction) throws {
        var listed = facts
        listed.tags = nil
        let time = CaptureTime.moment(facts.exif?.capturedAt ?? facts.video?.capturedAt, in: zone)
        // Whoever has given stars or corrected the time knows better than the file.
        try tx.execute(
            """
            UPDATE photos SET facts = \(try JSON.text(listed)), tags = \(try facts.tags.map(JSON.text)),
                content_type = \(facts.contentType), media_kind = \(facts.kind),
                rating = CASE WHEN rating = 0 THEN \(max(facts.editorial?.rating ?? 0, 0)) ELSE rating END,
                taken_at = CASE WHEN captured_at IS NULL THEN COALESCE(\(time), created_at) ELSE taken_at END
            WHERE id = \(id)
            """)
    }

    /// Everything that was written into the file; `nil` when there is nothing.
    func metadata(of id: PhotoID, _ tx: any Transaction) throws -> [MediaFacts.Tag]? {
        let text = try tx.first("SELECT tags FROM photos WHERE id = \(id)")?.optional("tags", as: String.self)
        return try text.map { try JSON.decode(from: $0) }
    }

    /// Moves a photo to a status; false when it was there already.
    func setStatus(
        _ status: Photo.Status, failure: ProcessingFailure? = nil, of id: PhotoID, _ tx: any Transaction
    ) throws -> Bool {
        try tx.execute(
            """
            UPDATE photos SET status = \(status), failure = \(try failure.map(JSON.text))
            WHERE id = \(id) AND status <> \(status)
            """) == 1
    }

    /// Notes that everything a recipe makes of the photo is there, and when that was so first; false when that was known.
    func setReady(_ id: PhotoID, by recipe: Recipe, at now: Timestamp, _ tx: any Transaction) throws -> Bool {
        try tx.execute(
            """
            UPDATE photos SET status = \(Photo.Status.ready), failure = NULL, recipe = \(recipe.hash),
                ready_at = COALESCE(ready_at, \(now))
            WHERE id = \(id) AND (status <> \(Photo.Status.ready) OR recipe IS NULL OR recipe <> \(recipe.hash))
            """) == 1
    }

    /// Keeps a photo as it was read until the transaction ends; false when it is another by now.
    func hold(_ photo: Photo, _ tx: any Transaction) throws -> Bool {
        try tx.execute(
            """
            UPDATE photos SET status = status
            WHERE id = \(photo.id) AND original_id = \(photo.originalID) AND status = \(photo.status)
            """) == 1
    }

    /// When a failed photo was tried again last because its file was sent once more; `nil` for never.
    func retriedAt(_ id: PhotoID, _ tx: any Transaction) throws -> Timestamp? {
        try tx.first("SELECT retried_at FROM photos WHERE id = \(id)")?.optional("retried_at")
    }

    func setRetried(_ id: PhotoID, at now: Timestamp, _ tx: any Transaction) throws {
        try tx.execute("UPDATE photos SET retried_at = \(now) WHERE id = \(id)")
    }

    /// Some originals of a session, for purging.
    func originals(
        of session: SessionID, limit: Int, _ tx: any Transaction
    ) throws -> [(photo: PhotoID, id: OriginalID, key: ObjectKey)] {
        try tx.query("SELECT id, original_id, original_key FROM photos WHERE session_id = \(session) LIMIT \(limit)")
            .map { (try $0.get("id"), try $0.get("original_id"), try $0.get("original_key")) }
    }

    /// Removes photos with what people have done to them.
    func remove(_ ids: [PhotoID], _ tx: any Transaction) throws {
        try removeOpinions(of: ids, tx)
        try tx.execute("DELETE FROM photos WHERE id IN \(list: ids)")
    }

    /// Removes what people have done to photos: chosen, marked, reported.
    func removeOpinions(of ids: [PhotoID], _ tx: any Transaction) throws {
        try ChoiceStore().remove(ids, tx)
        try MarkStore().remove(of: ids, tx)
        try ReportStore().remove(of: ids, tx)
    }

    func photo(_ row: Row) throws -> Photo {
        Photo(
            id: try row.get("id"), originalID: try row.get("original_id"), sessionID: try row.get("session_id"),
            originalKey: try row.get("original_key"), uploaderID: try row.optional("uploader_id"),
            filename: try row.get("filename"), contentType: try row.get("content_type"), size: try row.get("size"),
            sha256: try row.get("sha256"), status: try row.get("status"),
            failure: try row.optional("failure", as: String.self).map { try JSON.decode(from: $0) },
            facts: try row.optional("facts", as: String.self).map { try JSON.decode(from: $0) },
            part: try row.optional("part"), createdAt: try row.get("created_at"), shownAt: try row.optional("shown_at"),
            recipe: try row.optional("recipe"), curation: try curation(row), takenAt: try row.get("taken_at"),
            uploaderName: try row.optional("uploader_name"), likes: try row.get("likes"), favourites: try row.get("favourites"))
    }
}
