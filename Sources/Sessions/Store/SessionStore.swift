import Core

/// The SQL of sessions.
struct SessionStore {
    private static let columns: SQL =
        """
        id, owner_id, title, about, \(sql: status) AS status, access_code, settings, downloads, details, created_at, updated_at,
        deleted_at
        """

    /// Programs from before sessions could be paused or archived know two statuses only, and write no other: the finer one counts
    /// as long as theirs fits it.
    private static let status: SQL =
        """
        CASE WHEN state IS NOT NULL AND status = (CASE state WHEN 'active' THEN 'active' ELSE 'ended' END) THEN state ELSE status END
        """

    /// - Throws: `DatabaseError.duplicate` when the access code is taken.
    func insert(_ session: Session, _ tx: any Transaction) throws {
        let (details, life) = (StoredDetails(session), session.status)
        try tx.execute(
            """
            INSERT INTO sessions
                (id, owner_id, title, about, status, access_code, access_key, settings, downloads, created_at, updated_at, details,
                state, type, cover_id, due_at)
            VALUES (\(session.id), \(session.ownerID), \(session.title), \(session.about), \(life.older),
                \(session.accessCode), \(try AccessCode.key(session.accessCode)), \(try JSON.text(session.settings)),
                \(session.settings.downloads), \(session.createdAt), \(session.updatedAt), \(try JSON.text(details)), \(life),
                \(session.occasion.type), \(session.occasion.coverID), \(session.dueAt))
            """)
    }

    /// - Throws: `DatabaseError.duplicate` when the access code is taken.
    func update(_ session: Session, _ tx: any Transaction) throws {
        let (details, life) = (StoredDetails(session), session.status)
        try tx.execute(
            """
            UPDATE sessions SET owner_id = \(session.ownerID), title = \(session.title), about = \(session.about),
                status = \(life.older), access_code = \(session.accessCode), access_key = \(try AccessCode.key(session.accessCode)),
                settings = \(try JSON.text(session.settings)), downloads = \(session.settings.downloads),
                updated_at = \(session.updatedAt), details = \(try JSON.text(details)), state = \(life),
                type = \(session.occasion.type), cover_id = \(session.occasion.coverID), due_at = \(session.dueAt)
            WHERE id = \(session.id) AND deleted_at IS NULL
            """)
    }

    func find(_ id: SessionID, _ tx: any Transaction) throws -> Session? {
        try tx.first("SELECT \(sql: Self.columns) FROM sessions WHERE id = \(id) AND deleted_at IS NULL").map(session)
    }

    /// Some that are not deleted.
    func find(_ ids: Set<SessionID>, _ tx: any Transaction) throws -> [SessionID: Session] {
        if ids.isEmpty { return [:] }
        let found = try tx.query("SELECT \(sql: Self.columns) FROM sessions WHERE id IN \(list: Array(ids)) AND deleted_at IS NULL").map(session)
        return Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0) })
    }

    func find(accessKey: String, _ tx: any Transaction) throws -> Session? {
        try tx.first(
            "SELECT \(sql: Self.columns) FROM sessions WHERE access_key = \(accessKey) AND deleted_at IS NULL"
        ).map(session)
    }

    /// Newest first, from after `cursor`.
    func list(_ filter: SessionFilter, after cursor: Cursor?, limit: Int, _ tx: any Transaction) throws -> [Session] {
        let after: SQL =
            cursor.map { "AND (created_at < \($0.key) OR (created_at = \($0.key) AND id < \($0.id)))" } ?? ""
        return try tx.query(
            """
            SELECT \(sql: Self.columns) FROM sessions WHERE \(sql: condition(filter)) \(sql: after)
            ORDER BY created_at DESC, id DESC LIMIT \(limit)
            """
        ).map(session)
    }

    private func condition(_ filter: SessionFilter) -> SQL {
        var condition: SQL =
            switch filter.among {
            case .all: "deleted_at IS NULL"
            case .some(let ids): "deleted_at IS NULL AND id IN \(list: ids)"
            case .deleted(let owner, let since):
                "deleted_at > \(since) \(sql: owner.map { "AND owner_id = \($0)" } ?? "")"
            }
        if let status = filter.status { condition = "\(sql: condition) AND \(sql: Self.status) = \(status)" }
        if let type = filter.type { condition = "\(sql: condition) AND COALESCE(type, \(Occasion.Kind.event)) = \(type)" }
        if filter.isWithoutParties { condition = "\(sql: condition) AND COALESCE(type, \(Occasion.Kind.event)) <> \(Occasion.Kind.party)" }
        if let text = filter.text { condition = "\(sql: condition) AND \(sql: title(containing: text))" }
        return condition
    }

    /// Letters are compared without regard to case: all of them in PostgreSQL, those of ASCII in SQLite.
    private func title(containing text: String) -> SQL {
        let escaped = text.replacing(/[\\%_]/) { "\\\($0.output)" }
        return """
            (LOWER(title) LIKE \("%\(escaped.lowercased())%") ESCAPE '\\' OR title LIKE \("%\(escaped)%") ESCAPE '\\')
            """
    }

    /// What sessions are shown by: what was chosen, or else of the photos that everybody sees the newest that is featured, or the newest.
    /// - Parameter onlyShown: nothing is chosen that guests may not see.
    func covers(_ sessions: [SessionID], onlyShown: Bool, _ tx: any Transaction) throws -> [SessionID: PhotoID] {
        let shown: SQL = onlyShown ? "AND p.shown_at IS NOT NULL" : "AND p.binned_at IS NULL"
        let rows = try tx.query(
            """
            SELECT s.id, COALESCE(
                (SELECT p.id FROM photos p WHERE p.id = s.cover_id AND p.session_id = s.id \(sql: shown)),
                (SELECT p.id FROM photos p WHERE p.session_id = s.id AND p.featured = 1 AND p.shown_at IS NOT NULL
                    ORDER BY p.created_at DESC, p.id DESC LIMIT 1),
                (SELECT p.id FROM photos p WHERE p.session_id = s.id AND p.shown_at IS NOT NULL
                    ORDER BY p.created_at DESC, p.id DESC LIMIT 1)) AS cover
            FROM sessions s WHERE s.id IN \(list: sessions)
            """)
        var covers: [SessionID: PhotoID] = [:]
        for row in rows { covers[try row.get("id")] = try row.optional("cover") }
        return covers
    }

    /// Those of which something is to become by a moment, in the order of when.
    func due(
        at now: Timestamp, after cursor: Cursor?, limit: Int, _ tx: any Transaction
    ) throws -> [(id: SessionID, at: Timestamp)] {
        let after: SQL = cursor.map { "AND (due_at > \($0.key) OR (due_at = \($0.key) AND id > \($0.id)))" } ?? ""
        return try tx.query(
            """
            SELECT id, due_at FROM sessions WHERE due_at <= \(now) AND deleted_at IS NULL \(sql: after)
            ORDER BY due_at, id LIMIT \(limit)
            """
        ).map { (try $0.get("id"), try $0.get("due_at")) }
    }

    /// Hides the session from everything and frees its code; its files go when the grace period is over.
    func markDeleted(_ id: SessionID, at now: Timestamp, _ tx: any Transaction) throws {
        try tx.execute("UPDATE sessions SET deleted_at = \(now), access_key = NULL WHERE id = \(id)")
    }

    /// One that waits to be removed.
    func findDeleted(_ id: SessionID, _ tx: any Transaction) throws -> Session? {
        try tx.first("SELECT \(sql: Self.columns) FROM sessions WHERE id = \(id) AND deleted_at IS NOT NULL").map(session)
    }

    func hasCode(_ code: String, _ tx: any Transaction) throws -> Bool {
        try tx.exists("SELECT id FROM sessions WHERE access_key = \(try AccessCode.key(code))")
    }

    /// Has a deleted session found again, as it is here.
    /// - Throws: `DatabaseError.duplicate` when the access code is taken.
    func bringBack(_ session: Session, _ tx: any Transaction) throws {
        try tx.execute("UPDATE sessions SET deleted_at = NULL WHERE id = \(session.id)")
        try update(session, tx)
    }

    /// Sessions deleted before a moment, oldest first.
    func deleted(before time: Timestamp, limit: Int, _ tx: any Transaction) throws -> [SessionID] {
        try tx.query("SELECT id FROM sessions WHERE deleted_at < \(time) ORDER BY deleted_at LIMIT \(limit)")
            .map { try $0.get("id") }
    }

    func remove(_ id: SessionID, _ tx: any Transaction) throws {
        try RetimingStore().remove(id, tx)
        try tx.execute("DELETE FROM sessions WHERE id = \(id)")
    }

    private func session(_ row: Row) throws -> Session {
        let details = try row.optional("details", as: String.self).map { try JSON.decode(from: $0) } ?? StoredDetails()
        return Session(
            id: try row.get("id"), ownerID: try row.get("owner_id"), title: try row.get("title"),
            about: try row.get("about"), status: try row.get("status"), accessCode: try row.get("access_code"),
            settings: try settings(row, details), occasion: details.occasion, history: details.history,
            createdAt: try row.get("created_at"), updatedAt: try row.get("updated_at"), deletedAt: try row.optional("deleted_at"))
    }

    /// A program from before there was a choice of downloads writes settings without it: what was chosen stands, unless that program
    /// was told otherwise.
    private func settings(_ row: Row, _ details: StoredDetails) throws -> SessionSettings {
        var settings: SessionSettings = try JSON.decode(from: try row.get("settings", as: String.self))
        let chosen: SessionSettings.Downloads? = try row.optional("downloads")
        if let chosen, settings.guestDownloads == (chosen == .original) { settings.downloads = chosen }
        if let newer = details.settings { settings.adopt(newer) }
        return settings
    }
}

/// Which sessions are listed.
struct SessionFilter: Sendable {
    enum Among: Sendable {
        case all
        case some([SessionID])
        /// Those deleted since a moment, of one owner or of all.
        case deleted(owner: UserID?, since: Timestamp)
    }

    var among: Among
    var status: Session.Status?
    var type: Occasion.Kind?
    var isWithoutParties = false
    /// Stands in the title.
    var text: String?
}

/// The column `details`: what programs from before do not know of.
private struct StoredDetails: Codable {
    var occasion = Occasion()
    var history = SessionHistory()
    var settings: SessionSettings?

    init() {}

    init(_ session: Session) { (occasion, history, settings) = (session.occasion, session.history, session.settings) }
}

extension Session.Status {
    /// As programs from before have it.
    fileprivate var older: String { self == .active ? "active" : "ended" }
}
