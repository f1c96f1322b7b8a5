import Core

/// The SQL of the originals that photos have besides the displayed one.
struct CompanionStore {
    private static let columns: SQL = "id, photo_id, role, object_key, filename, content_type, size, sha256"

    /// Adds a finished upload to a photo.
    func insert(_ upload: CompletedUpload, _ file: PairedFile, of photo: PhotoID, _ tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO companions (id, photo_id, session_id, role, object_key, filename, content_type, size, sha256,
                crc32, uploader_id, grant_id, created_at)
            VALUES (\(OriginalID(upload.id)), \(photo), \(upload.sessionID), \(file.part), \(upload.objectKey),
                \(upload.declaration.filename), \(file.contentType), \(upload.size), \(upload.sha256),
                \(Int64(upload.crc32)), \(upload.uploaderID), \(upload.grantID), \(upload.completedAt))
            """)
        try FileUsage().add(upload, tx)
    }

    /// Keeps what a photo displays as a companion; something else is about to take its place.
    func insertDisplayed(_ photo: Photo, contentType: String, at now: Timestamp, _ tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO companions (id, photo_id, session_id, role, object_key, filename, content_type, size, sha256,
                crc32, uploader_id, grant_id, created_at)
            SELECT original_id, id, session_id, part, original_key, filename, \(contentType), size, sha256,
                crc32, uploader_id, grant_id, \(now)
            FROM photos WHERE id = \(photo.id)
            """)
    }

    func find(_ id: OriginalID, _ tx: any Transaction) throws -> Companion? {
        try tx.first("SELECT \(sql: Self.columns) FROM companions WHERE id = \(id)").map(companion)
    }

    func find(sha256: String, in session: SessionID, _ tx: any Transaction) throws -> Companion? {
        try tx.first(
            "SELECT \(sql: Self.columns) FROM companions WHERE session_id = \(session) AND sha256 = \(sha256)"
        ).map(companion)
    }

    /// Those of at most some hundreds of photos, each photo's in a fixed order.
    func of(_ photos: [PhotoID], _ tx: any Transaction) throws -> [PhotoID: [Companion]] {
        if photos.isEmpty { return [:] }
        let rows = try tx.query(
            "SELECT \(sql: Self.columns) FROM companions WHERE photo_id IN \(list: photos) ORDER BY role DESC")
        return Dictionary(grouping: try rows.map(companion), by: \.photoID)
    }

    func remove(of photos: [PhotoID], _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM companions WHERE photo_id IN \(list: photos)")
    }

    private func companion(_ row: Row) throws -> Companion {
        Companion(
            id: try row.get("id"), photoID: try row.get("photo_id"), role: try row.get("role"),
            objectKey: try row.get("object_key"), filename: try row.get("filename"),
            contentType: try row.get("content_type"), size: try row.get("size"), sha256: try row.get("sha256"))
    }
}
