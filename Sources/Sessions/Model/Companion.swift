import Core

/// An original of a photo besides the one that is displayed.
struct Companion: Sendable, Equatable {
    /// Its upload's id.
    var id: OriginalID
    var photoID: PhotoID
    var role: PhotoPart
    var objectKey: ObjectKey
    var filename: String
    /// Decided by us, from the content or the name.
    var contentType: String
    /// Bytes.
    var size: Int64
    /// Lower-case hex.
    var sha256: String
}
