public import Core

/// The events of Ingest.
public enum IngestEvents {
    /// Bytes are arriving; on `session:` without the file's name, on `desk:` with it.
    public static let uploadProgress = EventType(
        "upload_progress", durability: .ephemeral,
        payload: .object([
            .field("sessionId", .formatted(.uuid)),
            .field("uploadId", .formatted(.uuid)),
            .optional("filename", .string(0...255), "Only on the desk topic."),
            .field("offset", .integer(0...Int64.max), "Bytes that have arrived."),
            .optional("length", .integer(0...Int64.max), "Total bytes, once known."),
        ]),
        about: "How far a file that is arriving has come; at most five times a second per upload, and at its end.")

    /// Every event of Ingest, for the event table.
    public static let all = [uploadProgress]
}

/// The payload of `upload_progress`.
struct UploadProgress: Codable, Sendable, Equatable {
    var sessionId: SessionID
    var uploadId: UploadID
    var filename: String?
    var offset: Int64
    var length: Int64?
}

extension UploadProgress {
    /// What guests may see of it.
    init(_ upload: Upload, offset: Int64) {
        self.init(sessionId: upload.sessionID, uploadId: upload.id, filename: nil, offset: offset, length: upload.length)
    }
}
