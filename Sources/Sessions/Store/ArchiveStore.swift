import Core

/// The SQL of what archives hold.
struct ArchiveStore {
    /// A file of a photo, as its row has it.
    struct File {
        var photoID: PhotoID
        var originalID: OriginalID
        /// Whether it is the displayed one.
        var isDisplayed: Bool
        var stored: ArchivedFile
        /// The hash of the recipe by which everything was made of it last.
        var recipe: String?
        /// What was found about it without its place, by which version of `PlaceRemoval`.
        var placeless: (version: Int, crc32: UInt32?)?
        /// By which it is ordered: when it could be taken away.
        var place: Int64
    }

    /// Rows that are read at a time.
    static let page = 5000

    /// Some of a session's files, in the order of archives.
    /// - Parameters:
    ///   - photos: only of those, at most some hundreds; `nil` for all.
    ///   - last: the one before.
    func files(
        _ subject: ArchiveSubject, of photos: [PhotoID]?, after last: File?, _ tx: any Transaction
    ) throws -> [File] {
        let among: SQL = photos.map { "AND photos.id IN \(list: $0)" } ?? ""
        let displayed = Self.displayed(subject, among)
        let files: SQL = subject.files == .originals ? "\(sql: displayed) UNION ALL \(sql: Self.companions(subject, among))" : displayed
        let after: SQL =
            last.map { "WHERE place > \($0.place) OR (place = \($0.place) AND original_id > \($0.originalID))" } ?? ""
        return try tx.query(
            """
            SELECT files.*, found.version AS placeless_version, found.crc32 AS placeless_crc32
            FROM (\(sql: files)) AS files LEFT JOIN placeless_checksums AS found ON found.object_key = files.object_key
            \(sql: after) ORDER BY place, original_id LIMIT \(Self.page)
            """
        ).map(file)
    }

    private static func displayed(_ subject: ArchiveSubject, _ among: SQL) -> SQL {
        let wanted: SQL = subject.files == .renditions ? "AND status = \(Photo.Status.ready)" : ""
        return """
            SELECT id AS photo_id, original_id, 1 AS is_displayed, original_key AS object_key, filename, size, sha256, crc32,
                recipe, created_at, \(sql: moment(subject)) AS place
            FROM photos
            WHERE session_id = \(subject.session) \(sql: wanted) \(sql: shown(subject)) \(sql: among)
            """
    }

    /// What was added to a photo is no older than what could be taken away of it.
    private static func companions(_ subject: ArchiveSubject, _ among: SQL) -> SQL {
        """
        SELECT photo_id, companions.id AS original_id, 0 AS is_displayed, object_key, companions.filename, companions.size,
            companions.sha256, companions.crc32, photos.recipe, companions.created_at,
            CASE WHEN companions.created_at > \(sql: moment(subject)) THEN companions.created_at ELSE \(sql: moment(subject)) END AS place
        FROM companions JOIN photos ON photos.id = companions.photo_id
        WHERE companions.session_id = \(subject.session) \(sql: shown(subject)) \(sql: among)
        """
    }

    /// When a photo could be taken away: others come behind it.
    private static func moment(_ subject: ArchiveSubject) -> SQL {
        switch (subject.files, subject.isForDesk) {
        case (.renditions, _): "COALESCE(photos.ready_at, photos.shown_at, photos.created_at)"
        case (.originals, true): "photos.created_at"
        case (.originals, false): "photos.shown_at"
        }
    }

    private static func shown(_ subject: ArchiveSubject) -> SQL { subject.isForDesk ? "" : "AND photos.shown_at IS NOT NULL" }

    private func file(_ row: Row) throws -> File {
        let version: Int? = try row.optional("placeless_version")
        return File(
            photoID: try row.get("photo_id"), originalID: try row.get("original_id"), isDisplayed: try row.get("is_displayed"),
            stored: ArchivedFile(
                name: try row.get("filename"), objectKey: try row.get("object_key"), size: try row.get("size"),
                sha256: try row.get("sha256"), crc32: UInt32(truncatingIfNeeded: try row.get("crc32", as: Int64.self)),
                modifiedAt: try row.get("created_at")),
            recipe: try row.optional("recipe"),
            placeless: try version.map {
                ($0, try row.optional("placeless_crc32", as: Int64.self).map(UInt32.init(truncatingIfNeeded:)))
            }, place: try row.get("place"))
    }

    /// Keeps what was found about an original without its place.
    /// - Parameter crc32: `nil` when nobody can say what it tells.
    func note(placeless object: ObjectKey, crc32: UInt32?, of session: SessionID, _ tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO placeless_checksums (object_key, session_id, version, crc32)
            VALUES (\(object), \(session), \(PlaceRemoval.version), \(crc32.map(Int64.init)))
            ON CONFLICT (object_key) DO UPDATE SET version = excluded.version, crc32 = excluded.crc32
            """)
    }

    func remove(of session: SessionID, _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM placeless_checksums WHERE session_id = \(session)")
        try tx.execute("DELETE FROM archive_selections WHERE session_id = \(session)")
    }
}
