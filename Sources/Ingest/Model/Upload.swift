import Core

/// Where an upload is in its life.
enum UploadState: String, Sendable, Codable, CaseIterable, SQLConvertible {
    /// Takes bytes. Next: `completing`, `kept`, `failed` (its bytes were lost), `expired`, `terminated`.
    case receiving
    /// A partial upload that is whole: it waits to be put together with others. Next: `expired`, `terminated`.
    case kept
    /// A final upload that waits for its parts, or is being put together. Next: `completing`, `failed`, `terminated`.
    case joining
    /// Every byte is synced; hashing and handing over follow. Next: `completed`, `failed`, `terminated`.
    case completing
    /// Handed over. Next: `terminated`, which leaves the photo alone.
    case completed
    /// The bytes are not what was promised, or are gone.
    case failed
    /// Rested too long.
    case expired
    /// Ended by its client.
    case terminated
}

/// What an ended upload still leaves to be removed. A row that owes something is settled again until it does not.
enum UploadCleanup: String, Sendable, SQLConvertible {
    case nothing = ""
    /// The received bytes.
    case file
    /// The stored object: the session had the same bytes already.
    case object
    /// Either of them: the upload was ended while it was being handed over.
    case both
}

/// An upload's row: a resumable transfer in progress, and for a while what became of it.
struct Upload: Sendable, Equatable {
    var id: UploadID
    /// The session its progress is shown in.
    var sessionID: SessionID
    var declaration: UploadDeclaration
    /// The `Upload-Metadata` header as it came, to be echoed.
    var metadata: String
    /// The `Upload-Concat` header as it came; empty when it has nothing to do with others.
    var concat = ""
    /// `nil` for a guest.
    var uploaderID: UserID?
    /// Whose open uploads it counts among.
    var uploader: Uploader
    /// The API key or guest's grant it was begun with.
    var grantID: GrantID?
    /// Bytes known to be safe.
    var offset: Int64
    var state = UploadState.receiving
    /// A stable code, only when `failed`.
    var failure: String?
    var cleanup = UploadCleanup.nothing
    /// Counts the requests that took the upload over; only the newest may record anything.
    var generation = 1
    /// The boot of the operating system during which bytes were last written.
    var bootID: String
    /// What the object store has of it, as JSON; empty when its bytes lie in a file, or none have come.
    var parts = ""
    var photoID: PhotoID?
    /// Whether its client says when it is complete, which having its length is not.
    var isOpen = false
    var createdAt: Timestamp
    var updatedAt: Timestamp
    var expiresAt: Timestamp

    /// Total bytes, once known.
    var length: Int64? { declaration.length }

    /// Whether it is a stretch of a file that others are put together with.
    var isPartial: Bool { concat == UploadConcat.partial.header }

    /// Whether it is put together of others, and takes no bytes itself.
    var isFinal: Bool { !concat.isEmpty && !isPartial }

    /// Whether the bytes are all there, whatever they turned out to be.
    var isWhole: Bool { length == offset }

    /// Whether it ends by resting too long.
    var canExpire: Bool { state == .receiving || state == .kept }

    /// Whether it takes no further part in the protocol: answered 410.
    func isGone(at time: Timestamp) -> Bool {
        switch state {
        case .expired, .terminated: true
        case .failed: !isWhole
        case .receiving, .kept: expiresAt <= time
        case .joining, .completing, .completed: false
        }
    }
}
