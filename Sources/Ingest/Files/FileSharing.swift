import Core

/// What a disk takes that several processes write to.
struct FileSharing: Sendable {
    let continuity = Continuity()
    /// How long a newer request waits for the older one to let go of the file.
    let patience: Duration
    /// Tells the other nodes that an upload has been taken over.
    let announce: @Sendable (Upload) -> Void
}
