import Core

/// The SQL that only the drafts need.
extension UploadStore {
    /// The SHA-256 of a completed upload in lower-case hex; `nil` of any other.
    func sha256(of id: UploadID) async throws -> String? {
        try await database.read { tx in
            try tx.first("SELECT sha256 FROM uploads WHERE id = \(id) AND state = 'completed'")?.optional("sha256")
        }
    }

    /// Records whether to have its length makes a receiving upload complete.
    /// - Returns: false when the caller does not hold the upload any more.
    func setOpen(_ isOpen: Bool, of upload: Upload) async throws -> Bool {
        try await database.write { tx in
            try tx.execute(
                """
                UPDATE uploads SET is_open = \(isOpen)
                WHERE id = \(upload.id) AND generation = \(upload.generation) AND state = 'receiving'
                """) == 1
        }
    }
}
