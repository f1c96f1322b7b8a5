import Core

/// The SQL of what quotas are held against: the originals of photos and videos, displayed or not.
struct FileUsage {
    /// How many there are of somebody's files, and their bytes. Those of deleted sessions take room until they are purged.
    func of(_ holder: QuotaHolder, _ tx: any Transaction) throws -> UploadUsage {
        let theirs: SQL =
            switch holder {
            case .session(let id): "session_id = \(id)"
            case .account(let id): "uploader_id = \(id)"
            case .grant(let id): "grant_id = \(id)"
            }
        return try usage("photos", theirs, tx) + usage("companions", theirs, tx)
    }

    private func usage(_ table: SQL, _ theirs: SQL, _ tx: any Transaction) throws -> UploadUsage {
        let row = try tx.first(
            """
            SELECT COUNT(*) AS files, CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes
            FROM \(sql: table) WHERE \(sql: theirs)
            """)
        return try row.map { UploadUsage(files: try $0.get("files"), bytes: try $0.get("bytes")) } ?? UploadUsage()
    }
}
