import Core

/// The SQL of sessions.
struct SessionStore {
    private static let columns: SQL =
        "id, owner_id, title, about, status, access_code, settings, downloads, created_at, updated_at"

    /// - Throws: `DatabaseError.duplicate` when the access code is taken.
    func insert(_ session: Session, _ tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO sessions
                (id, owner_id, title, about, status, access_code, access_key, settings, downloads, created_at, updated_at)
            VALUES (\(session.id), \(session.ownerID), \(session.title), \(session.about), \(session.status),
                \(session.accessCode), \(try AccessCode.key(session.accessCode)), \(try JSON.text(session.settings)),
                \(session.settings.downloads), \(session.createdAt), \(session.updatedAt))
            """)
    }

    /// - Throws: `DatabaseError.duplicate` when the access code is taken.
    func update(_ session: Session, _ tx: any Transaction) throws {
        try tx.execute(
            """
            UPDATE sessions SET title = \(session.title), about = \(session.about), status = \(session.status),
                access_code = \(session.accessCode), access_key = \(try AccessCode.key(session.accessCode)),
                settings = \(try JSON.text(session.settings)), downloads = \(session.settings.downloads), updated_at = \(session.updatedAt)
            WHERE id = \(session.id) AND deleted_at IS NULL
            """)
    }

    func find(_ id: SessionID, _ tx: any Transaction) throws -> Session? {
        try tx.first("SELECT \(sql: Self.columns) FROM sessions WHERE id = \(id) AND deleted_at IS NULL").map(session)
    }

    func find(accessKey: String, _ tx: any Transaction) throws -> Session? {
        try tx.first(
            "SELECT \(sql: Self.columns) FROM sessions WHERE access_key = \(accessKey) AND deleted_at IS NULL"
        ).map(session)
    }

    /// Newest first, from after `cursor`; `ids` limits the list to those, `nil` to none.
    func list(
        _ ids: [SessionID]?, after cursor: Cursor?, limit: Int, _ tx: any Transaction
    ) throws -> [Session] {
        let among: SQL = ids.map { "AND id IN \(list: $0)" } ?? ""
        let after: SQL =
            cursor.map { "AND (created_at < \($0.key) OR (created_at = \($0.key) AND id < \($0.id)))" } ?? ""
        return try tx.query(
            """
            SELECT \(sql: Self.columns) FROM sessions WHERE deleted_at IS NULL \(sql: among) \(sql: after)
            ORDER BY created_at DESC, id DESC LIMIT \(limit)
            """
        ).map(session)
    }

    /// Hides the session from everything and frees its code; its files go when the grace period is over.
    func markDeleted(_ id: SessionID, at now: Timestamp, _ tx: any Transaction) throws {
        try tx.execute("UPDATE sessions SET deleted_at = \(now), access_key = NULL WHERE id = \(id)")
    }

    /// Sessions deleted before a moment, oldest first.
    func deleted(before time: Timestamp, limit: Int, _ tx: any Transaction) throws -> [SessionID] {
        try tx.query("SELECT id FROM sessions WHERE deleted_at < \(time) ORDER BY deleted_at LIMIT \(limit)")
            .map { try $0.get("id") }
    }

    func remove(_ id: SessionID, _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM sessions WHERE id = \(id)")
    }

    private func session(_ row: Row) throws -> Session {
        Session(
            id: try row.get("id"), ownerID: try row.get("owner_id"), title: try row.get("title"),
            about: try row.get("about"), status: try row.get("status"), accessCode: try row.get("access_code"),
            settings: try settings(row), createdAt: try row.get("created_at"), updatedAt: try row.get("updated_at"))
    }

    /// A program from before there was a choice of downloads writes settings without it: what was chosen stands, unless that program
    /// was told otherwise.
    private func settings(_ row: Row) throws -> SessionSettings {
        var settings: SessionSettings = try JSON.decode(from: try row.get("settings", as: String.self))
        let chosen: SessionSettings.Downloads? = try row.optional("downloads")
        if let chosen, settings.guestDownloads == (chosen == .original) { settings.downloads = chosen }
        return settings
    }
}
