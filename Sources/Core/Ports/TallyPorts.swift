/// What somebody does with a photo or film.
public enum MediaUse: Sendable, Hashable {
    /// It is fetched to be looked at, larger than in a grid, or begins to be played.
    case view
    /// It is fetched to be saved.
    case download
}

/// Counts what guests look at and save. Implemented by Sessions.
public protocol MediaTally: Sendable {
    /// Counts one. Never waits, and costs no request its time: a count can be lost with the process, as one that was not made.
    /// - Parameters:
    ///   - original: what it was done with; `nil` for many at once, in an archive.
    ///   - grant: of the guest.
    func note(_ use: MediaUse, of original: OriginalID?, in session: SessionID, by grant: GrantID)
}
