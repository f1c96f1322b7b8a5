public import Core

/// Hands finished uploads over as another handler does, and writes it down for webhooks.
public struct HookedCompletion: CompletedUploadHandler {
    let next: any CompletedUploadHandler
    let outbox: WebhookOutbox

    public func completed(_ upload: CompletedUpload, in transaction: any Transaction) throws -> UploadOutcome {
        let outcome = try next.completed(upload, in: transaction)
        try outbox.tell(.uploadCompleted, in: upload.sessionID, transaction) {
            try JSON.text(UploadMessage(upload, outcome))
        }
        return outcome
    }

    public func original(sha256: String, in session: SessionID, transaction: any Transaction) throws -> ObjectKey? {
        try next.original(sha256: sha256, in: session, transaction: transaction)
    }

    /// Nothing is told of a file that has not come.
    public func known(
        sha256: String, size: Int64, in session: SessionID, transaction: any Transaction
    ) throws -> PhotoID? {
        try next.known(sha256: sha256, size: size, in: session, transaction: transaction)
    }
}

/// The `data` of `upload.completed`.
struct UploadMessage: Codable, Sendable, Equatable {
    var uploadId: UploadID
    var sessionId: SessionID
    var photoId: PhotoID
    /// The session had the very same bytes already, as `photoId`.
    var isDuplicate: Bool
    var filename: String
    /// As the sender declared it.
    var contentType: String
    /// Bytes.
    var size: Int64
    /// Lower-case hex.
    var sha256: String
    /// Absent for a guest.
    var uploaderId: UserID?
    var completedAt: Timestamp

    init(_ upload: CompletedUpload, _ outcome: UploadOutcome) {
        uploadId = upload.id
        sessionId = upload.sessionID
        photoId = outcome.photoID
        isDuplicate = if case .duplicate = outcome { true } else { false }
        filename = upload.declaration.filename
        contentType = upload.declaration.contentType
        size = upload.size
        sha256 = upload.sha256
        uploaderId = upload.uploaderID
        completedAt = upload.completedAt
    }
}
