import Core
import Database

/// What is known of a content, whichever files have it.
struct SpooledContent: Sendable, Equatable {
    /// The server has confirmed all of it, once and for all.
    var isSent = false
    /// Its upload on the server, once created.
    var uploadURL: String?
    /// Bytes the server has confirmed.
    var offset: Int64 = 0
    /// The upload of what the file was before is to be ended: nothing else has that content.
    var hasAbandoned = false
}

extension Spool {
    /// Records what a file's content is.
    /// - Returns: `nil` when the file has changed meanwhile, and nothing was recorded.
    func identify(_ file: SpooledFile, as sha256: String) async throws -> SpooledContent? {
        if file.sha256 == sha256 { return try await database.read { tx in try Self.content(sha256, file.facts.size, tx) } }
        return try await database.write { tx in
            let former = try tx.first("SELECT former FROM tether_files WHERE id = \(file.id)")?.optional("former") as String?
            guard try Self.update(file, "sha256 = \(sha256), former = NULL", tx) else { return nil }
            var content = try Self.content(sha256, file.facts.size, tx)
            if let former, former != sha256 { content.hasAbandoned = try Self.abandon(former, tx) }
            return content
        }
    }

    /// Records that a file has to be read again: it is not what its row says, though it looks the same.
    func mistrust(_ file: SpooledFile, as state: FileState, because reason: String, retryAt: Timestamp) async throws {
        _ = try await database.write { tx in
            try Self.keep(file, tx)
            return try Self.update(file, """
                state = \(state), last_error = \(reason), retry_at = \(retryAt), attempts = \(file.attempts),
                former = COALESCE(sha256, former), sha256 = NULL
                """, tx)
        }
    }

    /// Keeps how far a content is, also when no file has it any more: it may be back.
    static func keep(_ file: SpooledFile, sentAt: Timestamp? = nil, _ tx: any Transaction) throws {
        guard let sha256 = file.sha256 else { return }
        try tx.execute("""
            INSERT INTO tether_contents (sha256, size, upload_url, upload_offset, sent_at)
            VALUES (\(sha256), \(file.facts.size), \(file.uploadURL), \(file.offset), \(sentAt))
            ON CONFLICT (sha256, size) DO UPDATE SET upload_url = excluded.upload_url,
                upload_offset = excluded.upload_offset, sent_at = COALESCE(sent_at, excluded.sent_at)
            """)
    }

    private static func content(_ sha256: String, _ size: Int64, _ tx: any Transaction) throws -> SpooledContent {
        let row = try tx.first("""
            SELECT upload_url, upload_offset, sent_at FROM tether_contents WHERE sha256 = \(sha256) AND size = \(size)
            """)
        guard let row else { return SpooledContent() }
        let sentAt: Timestamp? = try row.optional("sent_at")
        return SpooledContent(
            isSent: sentAt != nil, uploadURL: try row.optional("upload_url"), offset: try row.get("upload_offset"))
    }

    // MARK: Uploads to be ended

    /// An upload that nobody will go on with.
    func nextEnding() async throws -> String? {
        try await database.read { tx in
            try tx.first("SELECT upload_url FROM tether_endings ORDER BY id LIMIT 1")?.get("upload_url")
        }
    }

    /// The server knows that nobody will go on with an upload.
    func ended(_ url: String) async throws {
        _ = try await database.write { tx in try tx.execute("DELETE FROM tether_endings WHERE upload_url = \(url)") }
    }

    /// Forgets a content that was on its way and that no file has any more.
    /// - Returns: whether its upload is to be ended.
    private static func abandon(_ sha256: String, _ tx: any Transaction) throws -> Bool {
        let isAbandoned: SQL = """
            sha256 = \(sha256) AND sent_at IS NULL
                AND NOT EXISTS (SELECT 1 FROM tether_files f WHERE f.sha256 = \(sha256) OR f.former = \(sha256))
            """
        let ended = try tx.execute("""
            INSERT INTO tether_endings (upload_url)
            SELECT upload_url FROM tether_contents WHERE \(sql: isAbandoned) AND upload_url IS NOT NULL
            ON CONFLICT (upload_url) DO NOTHING
            """)
        try tx.execute("DELETE FROM tether_contents WHERE \(sql: isAbandoned)")
        return ended > 0
    }
}
