import Core

/// The SQL of what quotas are held against: the originals of photos and videos, displayed or not.
///
/// A ledger has a line for each file, and for each of those it is counted for, written in the transaction that adds or removes
/// the file. To count the files anew would cost more the more there are. A row that holds the count would make all files of
/// one holder wait for each other, and under PostgreSQL's SERIALIZABLE begin again; lines are only ever added, which gets into
/// nobody's way, and nobody reads them whom no quota limits. Who does read them puts many together into one, so that the next
/// one reads few.
struct FileUsage {
    /// Lines that are left as they are.
    static let maxLines = 256
    /// Lines that are put together at a time.
    private static let batch = 10_000

    /// How many there are of somebody's files, and their bytes. Those of deleted sessions take room until they are purged.
    /// Asked in transactions that see what was committed before each statement (`Isolation.readCommitted`).
    func of(_ holder: QuotaHolder, _ tx: any Transaction) throws -> UploadUsage {
        let row = try tx.first(
            """
            SELECT COUNT(*) AS lines, CAST(COALESCE(SUM(files), 0) AS BIGINT) AS files,
                CAST(COALESCE(SUM(bytes), 0) AS BIGINT) AS bytes
            FROM file_usage WHERE holder = \(holder.name)
            """)
        guard let row else { return UploadUsage() }
        if try row.get("lines") > Self.maxLines { try fold(holder.name, tx) }
        return UploadUsage(files: try row.get("files"), bytes: try row.get("bytes"))
    }

    /// Puts lines together.
    func fold(_ holder: String, _ tx: any Transaction) throws {
        // Those that are summed up are exactly those that are gone, whatever others add or put together meanwhile.
        let gone = try tx.query(
            """
            DELETE FROM file_usage WHERE id IN (SELECT id FROM file_usage WHERE holder = \(holder) LIMIT \(Self.batch))
            RETURNING files, bytes
            """)
        var sum = UploadUsage()
        for line in gone {
            sum.files += try line.get("files", as: Int.self)
            sum.bytes += try line.get("bytes", as: Int64.self)
        }
        if sum != UploadUsage() { try add(sum, to: [holder], tx) }
    }

    /// Writes down a file that has been added.
    func add(_ upload: CompletedUpload, _ tx: any Transaction) throws {
        let holders = [upload.sessionID.description, upload.uploaderID?.description, upload.grantID?.description]
        try add(UploadUsage(files: 1, bytes: upload.size), to: holders.compactMap(\.self), tx)
    }

    private func add(_ usage: UploadUsage, to holders: [String], _ tx: any Transaction) throws {
        let lines = holders.map { "(\($0), \(usage.files), \(usage.bytes))" as SQL }
        let list = lines.dropFirst().reduce(lines[0]) { "\(sql: $0), \(sql: $1)" }
        try tx.execute("INSERT INTO file_usage (holder, files, bytes) VALUES \(sql: list)")
    }

    /// Writes down that photos are about to go, with all their originals.
    /// - Returns: the accounts and keys that they were counted for.
    func remove(_ photos: [PhotoID], _ tx: any Transaction) throws -> Set<String> {
        if photos.isEmpty { return [] }
        var holders: Set<String> = []
        for (table, photo) in [("photos", "id"), ("companions", "photo_id")] as [(SQL, SQL)] {
            for holder in ["session_id", "uploader_id", "grant_id"] as [SQL] {
                let gone = try tx.query(
                    """
                    INSERT INTO file_usage (holder, files, bytes)
                    SELECT \(sql: holder), -COUNT(*), CAST(-SUM(size) AS BIGINT) FROM \(sql: table)
                    WHERE \(sql: photo) IN \(list: photos) AND \(sql: holder) IS NOT NULL GROUP BY \(sql: holder)
                    RETURNING holder
                    """)
                if holder != "session_id" { holders.formUnion(try gone.map { try $0.get("holder") }) }
            }
        }
        return holders
    }

    /// Writes down that photos are about to belong to another session, with all their originals.
    func move(_ photos: [PhotoID], to session: SessionID, _ tx: any Transaction) throws {
        for (table, photo) in [("photos", "id"), ("companions", "photo_id")] as [(SQL, SQL)] {
            try tx.execute(
                """
                INSERT INTO file_usage (holder, files, bytes)
                SELECT session_id, -COUNT(*), CAST(-SUM(size) AS BIGINT) FROM \(sql: table)
                WHERE \(sql: photo) IN \(list: photos) GROUP BY session_id
                """)
            try tx.execute(
                """
                INSERT INTO file_usage (holder, files, bytes)
                SELECT \(session), COUNT(*), CAST(SUM(size) AS BIGINT) FROM \(sql: table)
                WHERE \(sql: photo) IN \(list: photos) HAVING COUNT(*) > 0
                """)
        }
    }

    /// Forgets a session whose files are gone.
    func forget(_ session: SessionID, _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM file_usage WHERE holder = \(session)")
    }
}

extension QuotaHolder {
    /// As the ledger has it; ids of all kinds differ.
    fileprivate var name: String {
        switch self {
        case .session(let id): id.description
        case .account(let id): id.description
        case .grant(let id): id.description
        }
    }
}
