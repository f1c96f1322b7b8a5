public import Core

/// An upload as the REST API shows it.
public struct UploadView: WireType, Equatable {
    public var id: UploadID
    public var sessionId: SessionID
    public var filename: String
    /// Bytes that are safely stored.
    public var offset: Int64
    /// Total bytes, once known.
    public var length: Int64?
    /// `receiving`, `kept`, `joining`, `completing`, `completed`, `failed` or `expired`.
    public var state: String
    /// Why it failed: a stable code.
    public var failure: String?
    /// What it became.
    public var photoId: PhotoID?
    public var createdAt: Timestamp
    /// When it is forgotten unless more bytes come; only while it can be.
    public var expiresAt: Timestamp?

    init(_ upload: Upload) {
        self.id = upload.id
        self.sessionId = upload.sessionID
        self.filename = upload.declaration.filename
        self.offset = upload.offset
        self.length = upload.length
        self.state = upload.state.rawValue
        self.failure = upload.failure
        self.photoId = upload.photoID
        self.createdAt = upload.createdAt
        self.expiresAt = upload.canExpire ? upload.expiresAt : nil
    }

    public static var schema: Schema {
        .object([
            .field("id", .formatted(.uuid)),
            .field("sessionId", .formatted(.uuid)),
            .field("filename", .string(0...255)),
            .field("offset", .integer(0...Int64.max), "Bytes that are safely stored."),
            .optional("length", .integer(0...Int64.max), "Total bytes, once known."),
            .field("state", .oneOf(["receiving", "kept", "joining", "completing", "completed", "failed", "expired"])),
            .optional("failure", .string(0...64), "Why it failed."),
            .optional("photoId", .formatted(.uuid), "What it became."),
            .field("createdAt", .formatted(.dateTime)),
            .optional("expiresAt", .formatted(.dateTime), "When it is forgotten unless more bytes come."),
        ])
    }
}
