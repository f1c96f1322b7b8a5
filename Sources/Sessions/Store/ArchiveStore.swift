import Core

/// The SQL of what archives hold.
struct ArchiveStore {
    /// A file of a photo, as its row has it.
    struct File {
        var originalID: OriginalID
        var stored: ArchivedFile
        /// By which it is ordered: when it could be taken away.
        var place: Int64
        /// What else has to be known of it, unless all files are given as they are.
        var detail: Detail?
    }

    struct Detail {
        var photoID: PhotoID
        /// Whether it is the displayed one of its photo's.
        var isDisplayed: Bool
        /// The hash of the recipe by which everything was made of it last.
        var recipe: String?
        /// What was found about it without its place, by which version of `PlaceRemoval`.
        var placeless: (version: Int, crc32: UInt32?)?
    }

    /// Rows that are read at a time: each page sorts the whole session.
    var page = 20_000

    /// Some of a session's files, in the order of archives.
    /// - Parameters:
    ///   - photos: only of those, at most some hundreds; `nil` for all.
    ///   - last: the one before.
    ///   - inDetail: false when all files are given as they are: thousands of rows are narrow then.
    func files(
        _ subject: ArchiveSubject, of photos: [PhotoID]?, after last: File?, inDetail: Bool, _ tx: any Transaction
    ) throws -> [File] {
        let among: SQL = photos.map { "AND photos.id IN \(list: $0)" } ?? ""
        let displayed = Self.displayed(subject, among, inDetail)
        let files: SQL =
            subject.files == .originals ? "\(sql: displayed) UNION ALL \(sql: Self.companions(subject, among, inDetail))" : displayed
        let after: SQL =
            last.map { "WHERE place > \($0.place) OR (place = \($0.place) AND original_id > \($0.originalID))" } ?? ""
        let order: SQL = "\(sql: after) ORDER BY place, original_id LIMIT \(page)"
        guard inDetail else { return try tx.query("SELECT files.* FROM (\(sql: files)) AS files \(sql: order)").map(Self.file) }
        return try tx.query(
            """
            SELECT files.*, found.version, found.crc32
            FROM (\(sql: files)) AS files LEFT JOIN placeless_checksums AS found ON found.object_key = files.object_key
            \(sql: order)
            """
        ).map { row in
            var file = try Self.file(row)
            file.detail = try Self.detail(row)
            return file
        }
    }

    private static func displayed(_ subject: ArchiveSubject, _ among: SQL, _ inDetail: Bool) -> SQL {
        let wanted: SQL = subject.files == .renditions ? "AND status = \(Photo.Status.ready)" : ""
        let detail: SQL = inDetail ? ", 1 AS is_displayed, id AS photo_id, recipe" : ""
        return """
            SELECT original_id, \(sql: moment(subject)) AS place, filename, original_key AS object_key, size, sha256, crc32, created_at
                \(sql: detail)
            FROM photos
            WHERE session_id = \(subject.session) \(sql: wanted) \(sql: shown(subject)) \(sql: among)
            """
    }

    /// What was added to a photo is no older than what could be taken away of it.
    private static func companions(_ subject: ArchiveSubject, _ among: SQL, _ inDetail: Bool) -> SQL {
        let detail: SQL = inDetail ? ", 0 AS is_displayed, photo_id, photos.recipe" : ""
        return """
            SELECT companions.id AS original_id,
                CASE WHEN companions.created_at > \(sql: moment(subject)) THEN companions.created_at ELSE \(sql: moment(subject)) END AS place,
                companions.filename, object_key, companions.size, companions.sha256, companions.crc32, companions.created_at \(sql: detail)
            FROM companions JOIN photos ON photos.id = companions.photo_id
            WHERE companions.session_id = \(subject.session) \(sql: shown(subject)) \(sql: among)
            """
    }

    /// When a photo could be taken away: others come behind it.
    private static func moment(_ subject: ArchiveSubject) -> SQL {
        switch (subject.files, subject.isForDesk) {
        case (.renditions, true): "COALESCE(photos.ready_at, photos.shown_at, photos.created_at)"
        // Somebody may have looked at it long after it was ready.
        case (.renditions, false): "CASE WHEN photos.ready_at > photos.shown_at THEN photos.ready_at ELSE photos.shown_at END"
        case (.originals, true): "photos.created_at"
        case (.originals, false): "photos.shown_at"
        }
    }

    private static func shown(_ subject: ArchiveSubject) -> SQL {
        subject.isForDesk ? "AND photos.binned_at IS NULL" : "AND photos.shown_at IS NOT NULL"
    }

    /// Those of some originals whose photos an archive may hold.
    func given(_ originals: Set<OriginalID>, _ subject: ArchiveSubject, _ tx: any Transaction) throws -> Set<OriginalID> {
        if originals.isEmpty { return [] }
        let (among, shown) = (Array(originals), Self.shown(subject))
        return Set(
            try tx.query(
                """
                SELECT original_id FROM photos
                WHERE session_id = \(subject.session) AND original_id IN \(list: among) \(sql: shown)
                UNION ALL
                SELECT companions.id FROM companions JOIN photos ON photos.id = companions.photo_id
                WHERE companions.session_id = \(subject.session) AND companions.id IN \(list: among) \(sql: shown)
                """
            ).map { try $0.get(at: 0) })
    }

    private static func file(_ row: Row) throws -> File {
        File(
            originalID: try row.get(at: 0),
            stored: ArchivedFile(
                name: try row.get(at: 2), objectKey: try row.get(at: 3), size: try row.get(at: 4), sha256: try row.get(at: 5),
                crc32: UInt32(truncatingIfNeeded: try row.get(at: 6, as: Int64.self)), modifiedAt: try row.get(at: 7)),
            place: try row.get(at: 1), detail: nil)
    }

    private static func detail(_ row: Row) throws -> Detail {
        let version: Int? = try row.optional(at: 11)
        return Detail(
            photoID: try row.get(at: 9), isDisplayed: try row.get(at: 8), recipe: try row.optional(at: 10),
            placeless: try version.map { ($0, try row.optional(at: 12, as: Int64.self).map(UInt32.init(truncatingIfNeeded:))) })
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
        try tx.execute("DELETE FROM missing_objects WHERE session_id = \(session)")
    }
}
