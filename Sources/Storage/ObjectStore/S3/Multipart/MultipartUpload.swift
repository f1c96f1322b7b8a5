import Core

/// An object that is being sent in parts. It does not appear under its key before it is completed; until then, or until
/// it is aborted, its parts take room.
public struct MultipartUpload: Sendable, Hashable, Codable {
    public let key: ObjectKey
    /// Chosen by the server.
    public let id: String
}

/// A part that the server has.
public struct UploadedPart: Sendable, Hashable, Codable {
    /// From 1 to 10 000; numbers may be left out.
    public let number: Int
    /// Bytes; at least 5 MiB except for the last.
    public let size: Int64
    /// What `complete` has to name it by, without quotes.
    public let etag: String
}
