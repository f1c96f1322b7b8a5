import Core
import Database

/// The durable list of files: what was sent, what waits, and how far each upload is.
struct Spool: Sendable {
    private let database: SQLiteDatabase

    /// Opens the spool, making it when it is missing.
    /// - Throws: `DatabaseError`, `MigrationError`.
    static func open(_ path: String) async throws -> Spool {
        let database = try await SQLiteDatabase.open(path)
        try await Migrator.migrate(database, migrations)
        return Spool(database: database)
    }

    func close() async throws { try await database.close() }

    /// What came of looking at a file.
    struct Notice: Sendable, Equatable {
        /// Files that were unknown, have new content, or are back.
        var new = 0
        /// Uploads of contents that are no longer there, by the row they were of.
        var abandoned: [Int64: String] = [:]
    }

    /// Takes note of files that are ready. Those that are known and have not changed stay as they are.
    func notice(_ files: [ReadyFile], at now: Timestamp) async throws -> Notice {
        try await database.write { tx in
            var notice = Notice()
            for file in files { try Self.notice(file, now, &notice, tx) }
            return notice
        }
    }

    private static func notice(_ file: ReadyFile, _ now: Timestamp, _ notice: inout Notice, _ tx: any Transaction) throws {
        let known = try tx.first("SELECT \(sql: columns) FROM tether_files WHERE path = \(file.path)").map(read)
        if let known, known.facts == file.facts {
            guard known.state == .gone else { return }
            notice.new += 1
            try tx.execute("UPDATE tether_files SET state = \(FileState.waiting), retry_at = 0 WHERE id = \(known.id)")
            return
        }
        notice.new += 1
        if let known, known.state != .sent, let url = known.uploadURL { notice.abandoned[known.id] = url }
        let kind = FileKind(name: FileName.last(file.path))
        try tx.execute("""
            INSERT INTO tether_files (
                path, size, modified, inode, kind, state, upload_offset, attempts, retry_at, noticed_at)
            VALUES (\(file.path), \(file.facts.size), \(file.facts.modified), \(file.facts.inode), \(kind),
                \(FileState.waiting), 0, 0, 0, \(now))
            ON CONFLICT (path) DO UPDATE SET size = excluded.size, modified = excluded.modified, inode = excluded.inode,
                kind = excluded.kind, state = excluded.state, sha256 = NULL, upload_url = NULL, upload_offset = 0, attempts = 0,
                last_error = NULL, retry_at = 0, noticed_at = excluded.noticed_at, ended_at = NULL
            """)
    }

    /// The next file to send: pictures before RAW files before films, and of each the newest first; what was held comes last.
    /// - Parameters:
    ///   - busy: rows that are on their way.
    ///   - kind: the last kind that may be begun now.
    func next(beside busy: Set<Int64>, upTo kind: FileKind, at now: Timestamp) async throws -> SpooledFile? {
        try await database.read { tx in
            for state in [FileState.waiting, .held] {
                let row = try tx.first("""
                    SELECT \(sql: Self.columns) FROM tether_files
                    WHERE state = \(state) AND kind <= \(kind) AND retry_at <= \(now) AND id NOT IN \(list: [0] + busy.sorted())
                    ORDER BY kind, modified DESC LIMIT 1
                    """)
                if let row { return try Self.read(row) }
            }
            return nil
        }
    }

    /// Whether another file with this content has been sent.
    func isSent(_ sha256: String, otherThan id: Int64) async throws -> Bool {
        try await database.read { tx in
            try tx.exists("""
                SELECT 1 FROM tether_files WHERE sha256 = \(sha256) AND state = \(FileState.sent) AND id <> \(id) LIMIT 1
                """)
        }
    }

    func totals() async throws -> SpoolTotals {
        try await database.read { tx in
            var totals = SpoolTotals()
            for row in try tx.query("""
                SELECT state, COUNT(*) AS files, COALESCE(SUM(size), 0) AS bytes FROM tether_files
                WHERE state IN ('waiting', 'held', 'refused') GROUP BY state
                """)
            {
                let (state, files): (FileState, Int) = (try row.get("state"), try row.get("files"))
                switch state {
                case .waiting: (totals.waiting, totals.waitingBytes) = (files, try row.get("bytes"))
                case .held: totals.held = files
                default: totals.refused = files
                }
            }
            return totals
        }
    }

    /// Gives what was refused another chance.
    func retryRefused() async throws {
        _ = try await database.write { tx in
            try tx.execute("""
                UPDATE tether_files SET state = 'waiting', upload_url = NULL, upload_offset = 0, attempts = 0, retry_at = 0
                WHERE state = 'refused'
                """)
        }
    }

    // MARK: The way of a file

    /// Records what is known of a file on its way.
    /// - Returns: `false` when the file has changed meanwhile, and nothing was recorded.
    @discardableResult
    func record(_ file: SpooledFile) async throws -> Bool {
        try await update(file, """
            sha256 = \(file.sha256), upload_url = \(file.uploadURL), upload_offset = \(file.offset), attempts = \(file.attempts)
            """)
    }

    /// Records where a file has come to.
    /// - Parameters:
    ///   - reason: why it did not come further.
    ///   - retryAt: when to look at it again.
    /// - Returns: `false` when the file has changed meanwhile, and nothing was recorded.
    @discardableResult
    func settle(
        _ file: SpooledFile, as state: FileState, because reason: String? = nil, retryAt: Timestamp? = nil, at now: Timestamp
    ) async throws -> Bool {
        try await update(file, """
            state = \(state), last_error = \(reason), retry_at = \(retryAt ?? Timestamp(milliseconds: 0)), ended_at = \(now),
            sha256 = \(file.sha256), upload_url = \(file.uploadURL), upload_offset = \(file.offset), attempts = \(file.attempts)
            """)
    }

    private func update(_ file: SpooledFile, _ changes: SQL) async throws -> Bool {
        try await database.write { tx in
            try tx.execute("""
                UPDATE tether_files SET \(sql: changes) WHERE id = \(file.id) AND size = \(file.facts.size)
                    AND modified = \(file.facts.modified) AND inode = \(file.facts.inode)
                """) == 1
        }
    }

    // MARK: Rows

    private static let columns: SQL = """
        id, path, size, modified, inode, kind, state, sha256, upload_url, upload_offset, attempts, noticed_at
        """

    private static func read(_ row: Row) throws -> SpooledFile {
        SpooledFile(
            id: try row.get("id"), path: try row.get("path"),
            facts: FileFacts(size: try row.get("size"), modified: try row.get("modified"), inode: try row.get("inode")),
            kind: try row.get("kind"), state: try row.get("state"), sha256: try row.optional("sha256"),
            uploadURL: try row.optional("upload_url"), offset: try row.get("upload_offset"), attempts: try row.get("attempts"),
            noticedAt: try row.get("noticed_at"))
    }
}
