import Core
import Database

/// The durable list of files and of their contents: what was sent, what waits, and how far each upload is.
struct Spool: Sendable {
    let database: SQLiteDatabase

    /// Opens the spool, making it when it is missing.
    /// - Throws: `DatabaseError`, `MigrationError`.
    static func open(_ path: String) async throws -> Spool {
        let database = try await SQLiteDatabase.open(path)
        try await Migrator.migrate(database, migrations)
        return Spool(database: database)
    }

    func close() async throws { try await database.close() }

    /// Takes note of files that are ready. Those that are known and have not changed stay as they are.
    /// - Returns: how many were unknown, seem to have new content, or are back.
    func notice(_ files: [ReadyFile], at now: Timestamp) async throws -> Int {
        try await database.write { tx in try files.count { try Self.notice($0, now, tx) } }
    }

    private static func notice(_ file: ReadyFile, _ now: Timestamp, _ tx: any Transaction) throws -> Bool {
        let known = try tx.first("SELECT \(sql: columns) WHERE f.path = \(file.path)").map(read)
        if let known, known.facts == file.facts {
            guard known.state == .gone else { return false }
            try tx.execute("UPDATE tether_files SET state = \(FileState.waiting), retry_at = 0 WHERE id = \(known.id)")
            return true
        }
        let kind = FileKind(name: FileName.last(file.path))
        try tx.execute("""
            INSERT INTO tether_files (
                path, size, modified, inode, kind, state, attempts, retry_at, noticed_at)
            VALUES (\(file.path), \(file.facts.size), \(file.facts.modified), \(file.facts.inode), \(kind),
                \(FileState.waiting), 0, 0, \(now))
            ON CONFLICT (path) DO UPDATE SET size = excluded.size, modified = excluded.modified, inode = excluded.inode,
                kind = excluded.kind, state = excluded.state, former = COALESCE(sha256, former), sha256 = NULL, attempts = 0,
                last_error = NULL, retry_at = 0, noticed_at = excluded.noticed_at, ended_at = NULL
            """)
        return true
    }

    /// The next file to send: pictures before RAW files before films, and of each the newest first; what was held comes last.
    /// - Parameters:
    ///   - busy: rows that are on their way.
    ///   - kind: the last kind that may be begun now.
    func next(beside busy: Set<Int64>, upTo kind: FileKind, at now: Timestamp) async throws -> SpooledFile? {
        try await database.read { tx in
            for state in [FileState.waiting, .held] {
                let row = try tx.first("""
                    SELECT \(sql: Self.columns)
                    WHERE f.state = \(state) AND f.kind <= \(kind) AND f.retry_at <= \(now) AND f.id NOT IN \(list: [0] + busy.sorted())
                    ORDER BY f.kind, f.modified DESC LIMIT 1
                    """)
                if let row { return try Self.read(row) }
            }
            return nil
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
                DELETE FROM tether_contents WHERE sent_at IS NULL
                    AND sha256 IN (SELECT sha256 FROM tether_files WHERE state = 'refused')
                """)
            return try tx.execute("""
                UPDATE tether_files SET state = 'waiting', attempts = 0, retry_at = 0 WHERE state = 'refused'
                """)
        }
    }

    // MARK: The way of a file

    /// Records what is known of a file on its way.
    /// - Returns: `false` when the file has changed meanwhile, and nothing was recorded.
    @discardableResult
    func record(_ file: SpooledFile) async throws -> Bool {
        try await database.write { tx in
            try Self.keep(file, tx)
            return try Self.update(file, "attempts = \(file.attempts)", tx)
        }
    }

    /// Records where a file has come to; what was sent counts for its content, whatever has become of the file.
    /// - Parameters:
    ///   - reason: why it did not come further.
    ///   - retryAt: when to look at it again.
    /// - Returns: `false` when the file has changed meanwhile, and nothing was recorded.
    @discardableResult
    func settle(
        _ file: SpooledFile, as state: FileState, because reason: String? = nil, retryAt: Timestamp? = nil, at now: Timestamp
    ) async throws -> Bool {
        try await database.write { tx in
            try Self.keep(file, sentAt: state == .sent ? now : nil, tx)
            return try Self.update(file, """
                state = \(state), last_error = \(reason), retry_at = \(retryAt ?? Timestamp(milliseconds: 0)),
                ended_at = \(now), attempts = \(file.attempts)
                """, tx)
        }
    }

    static func update(_ file: SpooledFile, _ changes: SQL, _ tx: any Transaction) throws -> Bool {
        try tx.execute("""
            UPDATE tether_files SET \(sql: changes) WHERE id = \(file.id) AND size = \(file.facts.size)
                AND modified = \(file.facts.modified) AND inode = \(file.facts.inode)
            """) == 1
    }

    // MARK: Rows

    private static let columns: SQL = """
        f.id, f.path, f.size, f.modified, f.inode, f.kind, f.state, f.sha256, f.attempts, f.noticed_at, c.upload_url,
            COALESCE(c.upload_offset, 0) AS upload_offset
        FROM tether_files f LEFT JOIN tether_contents c ON c.sha256 = f.sha256 AND c.size = f.size
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
