import Core

/// Uploads that are complete from the beginning, for the session has their file: requests without a byte, so that they must
/// not leave a row each.
extension UploadStore {
    /// Only they have a photo and no CRC: nothing of them was ever read. As it stands in the index.
    private static let isKnown: SQL = "photo_id IS NOT NULL AND crc32 IS NULL"

    /// Records such an upload: of one uploader, file and session there is one row, which then tells of the latest creation.
    /// - Returns: the row; under its first id, unless that has been ended.
    static func recordKnown(_ upload: Upload, sha256: String, _ tx: any Transaction) throws -> Upload {
        let theirs: SQL = """
            uploader = \(upload.uploader) AND sha256 = \(sha256) AND session_id = \(upload.sessionID) AND \(sql: isKnown)
            """
        let row = try tx.first(
            """
            SELECT id FROM uploads WHERE \(sql: theirs) AND state = 'completed' AND photo_id = \(upload.photoID)
            ORDER BY id LIMIT 1
            """)
        if let row, let known = try update(try row.get("id"), as: upload, tx) { return known }
        try tx.execute("DELETE FROM uploads WHERE \(sql: theirs) AND cleanup = ''")
        try insert(upload, tx)
        try tx.execute("UPDATE uploads SET sha256 = \(sha256) WHERE id = \(upload.id)")
        return upload
    }

    /// - Returns: `nil` when it has been ended at the same moment.
    private static func update(_ id: UploadID, as upload: Upload, _ tx: any Transaction) throws -> Upload? {
        let changed = try tx.execute(
            """
            UPDATE uploads SET filename = \(upload.declaration.filename), content_type = \(upload.declaration.contentType),
                metadata = \(upload.metadata), grant_id = \(upload.grantID), updated_at = \(upload.updatedAt)
            WHERE id = \(id) AND state = 'completed'
            """)
        return changed == 1 ? try find(id, tx) : nil
    }
}
