import Core

/// What has become of a session so far, as far as that decides what becomes of it next.
struct SessionHistory: Codable, Sendable, Equatable {
    /// Its status before it was archived.
    var statusBefore: Session.Status?
    /// When somebody ended it, or archived it before anybody had.
    var endedAt: Timestamp?
    /// When it had been taken over from elsewhere, if it was.
    var importedAt: Timestamp?
    /// When somebody restored it last.
    var restoredAt: Timestamp?
    /// When its managers were told that it is about to be deleted.
    var warnedAt: Timestamp?
    /// Who belonged to it when it was deleted; they come back with it.
    var members: [Member]?

    struct Member: Codable, Sendable, Equatable {
        var user: UserID
        var rights: Rights
    }
}
