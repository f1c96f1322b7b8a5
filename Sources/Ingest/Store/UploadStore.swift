import Core

/// The SQL of uploads. Whoever records something says which generation of the upload they hold;
/// nothing changes once a newer request has taken it over or the upload has ended.
struct UploadStore: Sendable {
    let database: any Database

    static let columns: SQL = """
        id, session_id, purpose, target, filename, content_type, declared_sha256, metadata, concat, uploader_id, uploader, \
        grant_id, length, synced_offset, state, failure, cleanup, generation, boot_id, parts, photo_id, is_open, \
        created_at, updated_at, expires_at
        """

    /// - Parameter admit: decides in the same transaction, and locks what it counts.
    /// - Returns: false when its uploader has that many open uploads already.
    func insert(_ upload: Upload, limit: Int, _ admit: @escaping Admit = { _ in }) async throws -> Bool {
        try await database.write(.readCommitted) { tx in
            guard try Self.hasRoom(upload, limit: limit, tx) else { return false }
            try admit(tx)
            try Self.insert(upload, tx)
            return true
        }
    }

    static func insert(_ upload: Upload, _ tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO uploads (\(sql: Self.columns)) VALUES (
                \(upload.id), \(upload.sessionID), \(upload.declaration.purpose), \(upload.declaration.target),
                \(upload.declaration.filename), \(upload.declaration.contentType), \(upload.declaration.sha256),
                \(upload.metadata), \(upload.concat), \(upload.uploaderID), \(upload.uploader), \(upload.grantID),
                \(upload.length), \(upload.offset), \(upload.state), \(upload.failure), \(upload.cleanup),
                \(upload.generation), \(upload.bootID), \(upload.parts), \(upload.photoID), \(upload.isOpen),
                \(upload.createdAt), \(upload.updatedAt), \(upload.expiresAt))
            """)
    }

    /// Uploads of one uploader that begin at the same moment, at most: more than the nodes have connections that write.
    private static let atOnce = 128

    /// Whether an uploader may begin another upload. Only near the bound are those excluded that begin beside it.
    static func hasRoom(_ upload: Upload, limit: Int, _ tx: any Transaction) throws -> Bool {
        let count = try openCount(of: upload.uploader, at: upload.createdAt, tx)
        if count < limit - atOnce { return true }
        try tx.lock("uploads of \(upload.uploader.rawValue)")
        return try openCount(of: upload.uploader, at: upload.createdAt, tx) < limit
    }

    /// Uploads that still take bytes or wait for those of others; each kind has an index of its own.
    static func openCount(of uploader: Uploader, at now: Timestamp, _ tx: any Transaction) throws -> Int {
        let receiving: Int? = try tx.first(
            """
            SELECT COUNT(*) AS total FROM uploads
            WHERE uploader = \(uploader) AND state = 'receiving' AND expires_at > \(now)
            """
        )?.get("total")
        let joining: Int? = try tx.first(
            "SELECT COUNT(*) AS total FROM uploads WHERE state = 'joining' AND uploader = \(uploader)"
        )?.get("total")
        return (receiving ?? 0) + (joining ?? 0)
    }

    /// The state of an upload that has that many bytes, as an SQL expression.
    private static func state(at offset: SQL) -> SQL {
        "CASE WHEN length = \(sql: offset) AND is_open = 0 THEN \(sql: whole) ELSE state END"
    }

    /// The state of an upload that is whole, as an SQL expression.
    static let whole: SQL = "CASE WHEN concat = 'partial' THEN 'kept' ELSE 'completing' END"

    func find(_ id: UploadID) async throws -> Upload? {
        try await database.read { tx in try Self.find(id, tx) }
    }

    static func find(_ id: UploadID, _ tx: any Transaction) throws -> Upload? {
        try tx.first("SELECT \(sql: columns) FROM uploads WHERE id = \(id)").map(Upload.init)
    }

    /// Takes a receiving upload over from whoever held it, and records how far its file reaches.
    /// - Returns: the row as it is now; `nil` when there is none.
    func claim(_ id: UploadID, offset: Int64, bootID: String, at now: Timestamp, expiresAt: Timestamp) async throws -> Upload? {
        try await database.write { tx in
            try tx.execute(
                """
                UPDATE uploads SET generation = generation + 1, synced_offset = \(offset), boot_id = \(bootID),
                    state = \(sql: Self.state(at: "\(offset)")),
                    updated_at = \(now), expires_at = \(expiresAt)
                WHERE id = \(id) AND state = 'receiving'
                """)
            return try Self.find(id, tx)
        }
    }

    /// Takes a receiving upload over from whoever held it, on whichever node.
    /// - Returns: the row as it is now; `nil` when there is none.
    func seize(_ id: UploadID, at now: Timestamp, expiresAt: Timestamp) async throws -> Upload? {
        try await database.write { tx in
            try tx.execute(
                """
                UPDATE uploads SET generation = generation + 1, updated_at = \(now), expires_at = \(expiresAt),
                    state = \(sql: Self.state(at: "synced_offset"))
                WHERE id = \(id) AND state = 'receiving'
                """)
            return try Self.find(id, tx)
        }
    }

    /// Records how far the file of an upload reaches that the caller has seized.
    /// - Returns: the row as it is now; `nil` when the caller does not hold the upload any more.
    func found(_ offset: Int64, bootID: String, of upload: Upload, at now: Timestamp) async throws -> Upload? {
        try await database.write { tx in
            let changed = try tx.execute(
                """
                UPDATE uploads SET synced_offset = \(offset), boot_id = \(bootID), updated_at = \(now),
                    state = \(sql: Self.state(at: "\(offset)"))
                WHERE id = \(upload.id) AND generation = \(upload.generation) AND state = 'receiving'
                """)
            return changed == 1 ? try Self.find(upload.id, tx) : nil
        }
    }

    /// The generations of those of some uploads that there are.
    func generations(of ids: [UploadID]) async throws -> [UploadID: Int] {
        try await database.read { tx in
            let rows = try tx.query("SELECT id, generation FROM uploads WHERE id IN \(list: ids) LIMIT \(ids.count)")
            return Dictionary(try rows.map { (try $0.get("id"), try $0.get("generation")) }) { first, _ in first }
        }
    }

    /// Records the length that an upload was created without.
    /// - Parameter admit: decides in the same transaction, and locks what it counts.
    func setLength(_ length: Int64, of upload: Upload, _ admit: @escaping Admit = { _ in }) async throws -> Bool {
        try await database.write(.readCommitted) { tx in
            try admit(tx)
            return try tx.execute(
                """
                UPDATE uploads SET length = \(length)
                WHERE id = \(upload.id) AND generation = \(upload.generation) AND state = 'receiving' AND length IS NULL
                """) == 1
        }
    }

    /// Records bytes that are safe, in the middle of a request.
    /// - Parameter look: what is looked at in the same transaction, with locks on what it counts.
    /// - Returns: what it found; `nil` when the caller does not hold the upload any more.
    func checkpoint<Found: Sendable>(
        _ mark: UploadMark, of upload: Upload, at now: Timestamp, expiresAt: Timestamp,
        _ look: @escaping @Sendable (any Transaction) throws -> Found
    ) async throws -> Found? {
        try await database.write(.readCommitted) { tx in
            let found = try look(tx)
            let changed = try tx.execute(
                """
                UPDATE uploads SET synced_offset = \(mark.offset), parts = \(mark.parts), updated_at = \(now),
                    expires_at = \(expiresAt)
                WHERE id = \(upload.id) AND generation = \(upload.generation) AND state = 'receiving'
                """)
            return changed == 1 ? found : nil
        }
    }

    /// Records bytes that are safe, at the end of a request; the last one makes the upload `completing`.
    /// - Parameter admit: decides in the same transaction, and locks what it counts.
    /// - Returns: the row as it is now; `nil` when the caller does not hold the upload any more.
    func confirm(
        _ mark: UploadMark, of upload: Upload, at now: Timestamp, expiresAt: Timestamp, _ admit: @escaping Admit = { _ in }
    ) async throws -> Upload? {
        try await database.write(.readCommitted) { tx in
            try admit(tx)
            let changed = try tx.execute(
                """
                UPDATE uploads SET synced_offset = \(mark.offset), parts = \(mark.parts), updated_at = \(now),
                    expires_at = \(expiresAt), state = \(sql: Self.state(at: "\(mark.offset)"))
                WHERE id = \(upload.id) AND generation = \(upload.generation) AND state = 'receiving'
                """)
            return changed == 1 ? try Self.find(upload.id, tx) : nil
        }
    }

    /// Records that there is no more to come: the upload is `completing`, or `kept`.
    /// - Parameter admit: decides in the same transaction, and locks what it counts.
    /// - Returns: the row as it is now; `nil` when the caller does not hold the upload any more, or bytes are missing.
    func close(_ upload: Upload, at now: Timestamp, _ admit: @escaping Admit) async throws -> Upload? {
        try await database.write(.readCommitted) { tx in
            try admit(tx)
            let changed = try tx.execute(
                """
                UPDATE uploads SET is_open = 0, length = synced_offset, state = \(sql: Self.whole), updated_at = \(now)
                WHERE id = \(upload.id) AND generation = \(upload.generation) AND state = 'receiving'
                    AND (length IS NULL OR length = synced_offset)
                """)
            return changed == 1 ? try Self.find(upload.id, tx) : nil
        }
    }

    /// Records that only the synced bytes of a receiving upload count, as after another boot.
    func distrust(_ id: UploadID) async throws {
        try await database.write { tx in
            _ = try tx.execute("UPDATE uploads SET boot_id = '' WHERE id = \(id) AND state = 'receiving'")
        }
    }

    /// The same, by who holds the upload, before bytes come that do not count yet.
    /// - Returns: false when the caller does not hold the upload any more.
    func distrust(_ upload: Upload) async throws -> Bool {
        try await database.write { tx in
            try tx.execute(
                """
                UPDATE uploads SET boot_id = ''
                WHERE id = \(upload.id) AND generation = \(upload.generation) AND state = 'receiving'
                """) == 1
        }
    }

    /// Ends an upload, from any state that has not ended yet.
    func terminate(_ id: UploadID, at now: Timestamp) async throws {
        try await database.write { tx in
            try tx.execute(
                """
                UPDATE uploads SET generation = generation + 1, updated_at = \(now), state = 'terminated',
                    cleanup = CASE WHEN state IN ('receiving', 'kept', 'joining') THEN 'file'
                        WHEN state = 'completing' THEN 'both' ELSE cleanup END
                WHERE id = \(id) AND state IN ('receiving', 'kept', 'joining', 'completing', 'completed', 'failed')
                """)
            try Self.forgetParts(of: id, tx)
        }
    }

    /// Gives a receiving upload up, by who holds it.
    /// - Returns: false when the caller does not hold the upload any more.
    func invalidate(_ upload: Upload, because code: String, at now: Timestamp) async throws -> Bool {
        try await database.write { tx in
            try tx.execute(
                """
                UPDATE uploads SET state = 'failed', failure = \(code), cleanup = \(UploadCleanup.both), updated_at = \(now)
                WHERE id = \(upload.id) AND generation = \(upload.generation) AND state = 'receiving'
                """) == 1
        }
    }

    /// Gives an upload up whose bytes are not what they should be.
    /// - Parameter settler: who must hold the lease; `nil` when there is none.
    /// - Returns: false when it is not in that state (any more).
    @discardableResult
    func fail(
        _ id: UploadID, from state: UploadState, because code: String, by settler: String? = nil, at now: Timestamp
    ) async throws -> Bool {
        try await database.write { tx in
            let changed = try tx.execute(
                """
                UPDATE uploads SET state = 'failed', failure = \(code), cleanup = \(UploadCleanup.both), updated_at = \(now)
                WHERE id = \(id) AND state = \(state)\(sql: Self.leased(to: settler))
                """)
            if changed == 1 { try Self.forgetParts(of: id, tx) }
            return changed == 1
        }
    }
}

extension Upload {
    init(_ row: Row) throws {
        self.init(
            id: try row.get("id"), sessionID: try row.get("session_id"),
            declaration: UploadDeclaration(
                purpose: try row.get("purpose"), target: try row.get("target"), filename: try row.get("filename"),
                contentType: try row.get("content_type"), length: try row.optional("length"),
                sha256: try row.optional("declared_sha256")),
            metadata: try row.get("metadata"), concat: try row.get("concat"), uploaderID: try row.optional("uploader_id"),
            uploader: try row.get("uploader"), grantID: try row.optional("grant_id"),
            offset: try row.get("synced_offset"), state: try row.get("state"),
            failure: try row.optional("failure"),
            cleanup: try row.get("cleanup"), generation: try row.get("generation"), bootID: try row.get("boot_id"),
            parts: try row.get("parts"),
            photoID: try row.optional("photo_id"), isOpen: try row.get("is_open"), createdAt: try row.get("created_at"),
            updatedAt: try row.get("updated_at"), expiresAt: try row.get("expires_at"))
    }
}
