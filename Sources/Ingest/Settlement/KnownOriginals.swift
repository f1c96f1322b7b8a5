import Core

/// The files that sessions have already, by their content: whether their bytes are really there. A row outlives its object
/// when a disk loses a file, or a database comes back from a backup without its bucket.
struct KnownOriginals: Sendable {
    let database: any Database
    let objects: any ObjectStore
    let handler: any CompletedUploadHandler

    /// Whether the file that an upload is about to bring is there for certain. While the store cannot say so, it is not, and
    /// the bytes come.
    /// - Throws: `DatabaseError`, `CancellationError`.
    func has(_ upload: Upload) async throws -> Bool {
        guard upload.concat.isEmpty, let sha256 = upload.declaration.sha256, let length = upload.length,
            let key = try await key(of: sha256, in: upload.sessionID)
        else { return false }
        do {
            return try await objects.size(of: key) == length
        } catch is ObjectStoreError {
            return false
        }
    }

    /// Where an earlier upload with the same bytes lay that are not there any more.
    /// - Throws: `ObjectStoreError.unavailable` while the store cannot say: bytes are only thrown away once it has.
    func lost(like upload: CompletedUpload) async throws -> ObjectKey? {
        guard let key = try await key(of: upload.sha256, in: upload.sessionID), key != upload.objectKey else { return nil }
        do {
            return try await objects.size(of: key) == upload.size ? nil : key
        } catch ObjectStoreError.unavailable(let reason) {
            throw ObjectStoreError.unavailable(reason)
        } catch is ObjectStoreError {
            // Who may not list a bucket of S3 is not told what is missing, but refused. To store the same bytes again, should
            // they be there after all, does no harm.
            return key
        }
    }

    private func key(of sha256: String, in session: SessionID) async throws -> ObjectKey? {
        try await database.read { tx in try handler.original(sha256: sha256, in: session, transaction: tx) }
    }
}
