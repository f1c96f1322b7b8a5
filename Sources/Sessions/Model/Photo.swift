public import Core

/// A photo or video of a session, from the moment its original is whole.
public struct Photo: Sendable, Equatable {
    public var id: PhotoID
    /// Of the file that is displayed, as is all that describes a file here.
    public var originalID: OriginalID
    public var sessionID: SessionID
    public var originalKey: ObjectKey
    public var uploaderID: UserID?
    public var filename: String
    /// What the sender declared, then what the content turned out to be.
    public var contentType: String
    /// Bytes of the original.
    public var size: Int64
    /// Lower-case hex of the original.
    public var sha256: String
    public var status: Status
    public var failure: ProcessingFailure?
    /// `nil` until a decoder has looked at it; without the tags.
    public var facts: MediaFacts?
    /// What the displayed file is among those of one picture; `nil` when it stands alone.
    public var part: PhotoPart?
    public var createdAt: Timestamp
    /// Since when guests can see it; `nil` when they cannot: nothing can be shown yet, or its curation says no.
    public var shownAt: Timestamp?
    /// The hash of the recipe by which everything was made last; `nil` when nothing was, or before that was noted.
    public var recipe: String?
    public var curation: Curation
    /// When it was taken, as far as anybody knows, else when it came: what lists are sorted by.
    public var takenAt: Timestamp
    /// What whoever sent it was called at that time; `nil` for nobody known, or without a name.
    public var uploaderName: String?
    /// People who like it.
    public var likes = 0
    /// People whose favourite it is.
    public var favourites = 0

    public enum Status: String, Sendable, Codable, CaseIterable, SQLConvertible {
        case processing, ready, failed
    }

    /// When it was taken, as corrected or as the camera says, RFC 3339; `nil` when nobody knows.
    var capturedAt: String? { curation.capturedAt ?? facts?.exif?.capturedAt ?? facts?.video?.capturedAt }

    var kind: MediaFacts.Kind { facts?.kind ?? (contentType.hasPrefix("video/") ? .video : .photo) }
}
