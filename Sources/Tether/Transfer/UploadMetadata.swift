import Core
import Foundation

/// The `Upload-Metadata` of a file (tus 1.0.0, creation).
enum UploadMetadata {
    /// Keys and values that Lumiere knows. What the server has already needs no bytes.
    static func header(session: SessionID, name: String, sha256: String) -> String {
        [
            ("session", session.description), ("filename", name), ("filetype", KnownTypes.mediaType(name)), ("sha256", sha256),
            ("ifKnown", "complete"),
        ].map { "\($0.0) \(Data($0.1.utf8).base64EncodedString())" }.joined(separator: ",")
    }
}
