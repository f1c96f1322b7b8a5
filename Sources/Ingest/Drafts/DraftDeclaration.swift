import Core
import HTTPTypes

/// What a request in the language of the drafts says about its file: by the standard's own header fields, by
/// `Upload-Metadata` as in tus, or in the query, for clients that can set no headers of their own.
enum DraftDeclaration {
    /// The keys that the query may have.
    static let queryKeys = ["purpose", "session", "target", "filename"]

    /// For a request to the place where uploads of all kinds are made.
    /// - Throws: `Problem` 400 `bad_metadata`, `bad_digest` or `upload_target_missing`.
    static func read(
        _ headers: HTTPFields, query: [String: String], length: Int64?
    ) throws(Problem) -> UploadDeclaration {
        var metadata = try UploadMetadata(headers[.uploadMetadata] ?? "")
        for key in queryKeys { metadata.add(query[key], under: key) }
        metadata.add(headers[.contentDisposition].flatMap(ContentDisposition.filename), under: "filename")
        metadata.add(headers[.contentType], under: "filetype")
        metadata.add(try headers[.reprDigest].flatMap(DigestField.sha256), under: "sha256")
        return try metadata.declaration(length: length)
    }
}
