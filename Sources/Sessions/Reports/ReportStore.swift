import Core

/// The SQL of reports.
struct ReportStore: Sendable {
    private static let columns: SQL =
        "id, session_id, photo_id, person, person_name, reason, text, created_at, is_open, resolution, resolved_at, resolved_by"

    /// - Returns: whether it is news: of each person and photo there is one.
    func insert(_ report: PhotoReport, _ tx: any Transaction) throws -> Bool {
        try tx.execute(
            """
            INSERT INTO photo_reports (id, session_id, photo_id, person, person_name, reason, text, created_at, is_open)
            VALUES (\(report.id), \(report.sessionID), \(report.photoID), \(report.person), \(report.personName), \(report.reason),
                \(report.text), \(report.createdAt), 1)
            ON CONFLICT (photo_id, person) DO NOTHING
            """) == 1
    }

    func resolve(_ report: PhotoReport, _ tx: any Transaction) throws {
        try tx.execute(
            """
            UPDATE photo_reports SET is_open = 0, resolution = \(report.resolution), resolved_at = \(report.resolvedAt),
                resolved_by = \(report.resolvedBy)
            WHERE id = \(report.id)
            """)
    }

    func find(_ id: ReportID, _ tx: any Transaction) throws -> PhotoReport? {
        try tx.first("SELECT \(sql: Self.columns) FROM photo_reports WHERE id = \(id)").map(report)
    }

    /// Those of a photo that nobody has dealt with, oldest first; at most so many as are kept.
    func open(of photo: PhotoID, _ tx: any Transaction) throws -> [PhotoReport] {
        try tx.query(
            "SELECT \(sql: Self.columns) FROM photo_reports WHERE photo_id = \(photo) AND is_open = 1 ORDER BY created_at, id LIMIT 1000"
        ).map(report)
    }

    /// Which of some photos there are open reports of, as is told when these go with them.
    func reported(among photos: [PhotoID], _ tx: any Transaction) throws -> [ReportNews] {
        try tx.query(
            "SELECT DISTINCT session_id, photo_id FROM photo_reports WHERE photo_id IN \(list: photos) AND is_open = 1 ORDER BY photo_id"
        ).map { ReportNews(gone: try $0.get("photo_id"), from: try $0.get("session_id")) }
    }

    /// Open ones first, then newest first.
    func list(of session: SessionID, after last: Place?, limit: Int, _ tx: any Transaction) throws -> [PhotoReport] {
        let after: SQL =
            last.map {
                """
                AND (is_open < \($0.isOpen) OR is_open = \($0.isOpen)
                    AND (created_at < \($0.createdAt) OR created_at = \($0.createdAt) AND id < \($0.id)))
                """
            } ?? ""
        return try tx.query(
            """
            SELECT \(sql: Self.columns) FROM photo_reports WHERE session_id = \(session) \(sql: after)
            ORDER BY is_open DESC, created_at DESC, id DESC LIMIT \(limit)
            """
        ).map(report)
    }

    /// Where a list went on from.
    struct Place: Sendable, Equatable {
        var isOpen: Bool
        var createdAt: Timestamp
        var id: String

        init(_ report: PhotoReport) { (isOpen, createdAt, id) = (report.resolvedAt == nil, report.createdAt, report.id.description) }

        /// - Throws: `Problem` 400 `bad_cursor`.
        init(_ cursor: Cursor) throws {
            guard let state = cursor.id.first, "01".contains(state) else {
                throw Problem.badRequest("bad_cursor", "The cursor is not one that this list gave out.")
            }
            (isOpen, createdAt, id) = (state == "1", Timestamp(milliseconds: cursor.key), String(cursor.id.dropFirst()))
        }

        var cursor: Cursor { Cursor(key: createdAt.milliseconds, id: (isOpen ? "1" : "0") + id) }
    }

    /// How many reports of a session, and of one of its photos, nobody has dealt with.
    func openCounts(of session: SessionID, _ photo: PhotoID, _ tx: any Transaction) throws -> (ofSession: Int, ofPhoto: Int) {
        let ofSession: Int =
            try tx.first("SELECT COUNT(*) AS reports FROM photo_reports WHERE session_id = \(session) AND is_open = 1")?.get("reports") ?? 0
        return (ofSession, try openCount(of: photo, tx))
    }

    /// Lets go of all reports that were dealt with but the newest.
    func forgetResolved(of session: SessionID, keeping count: Int, _ tx: any Transaction) throws {
        try tx.execute(
            """
            DELETE FROM photo_reports WHERE session_id = \(session) AND is_open = 0 AND id NOT IN (
                SELECT id FROM photo_reports WHERE session_id = \(session) AND is_open = 0
                ORDER BY created_at DESC, id DESC LIMIT \(count))
            """)
    }

    /// How many reports of a photo nobody has dealt with.
    func openCount(of photo: PhotoID, _ tx: any Transaction) throws -> Int {
        try tx.first("SELECT COUNT(*) AS reports FROM photo_reports WHERE photo_id = \(photo) AND is_open = 1")?.get("reports") ?? 0
    }

    func remove(of photos: [PhotoID], _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM photo_reports WHERE photo_id IN \(list: photos)")
    }

    private func report(_ row: Row) throws -> PhotoReport {
        PhotoReport(
            id: try row.get("id"), sessionID: try row.get("session_id"), photoID: try row.get("photo_id"), person: try row.get("person"),
            personName: try row.get("person_name"), reason: try row.get("reason"), text: try row.get("text"),
            createdAt: try row.get("created_at"), resolution: try row.optional("resolution"),
            resolvedAt: try row.optional("resolved_at"), resolvedBy: try row.optional("resolved_by"))
    }
}
