/// What somebody takes away of a session, all in one file.
public struct ArchiveSubject: Sendable, Hashable {
    /// Which files of its photos and films.
    public enum Files: String, Sendable, Hashable, Codable, CaseIterable {
        /// All that were uploaded, as they are or, where the session hides it, without the place that they tell.
        case originals
        /// Of each the largest JPEG, or a film that plays: what can be seen.
        case renditions
    }

    /// The session.
    public var session: SessionID
    /// A choice of its photos that was kept, by its name; `nil` for all.
    public var selection: String?
    public var files: Files
    /// Whether they are told all: what guests are not shown (yet), and where it was.
    public var isForDesk: Bool

    /// A subject; see the properties of the same names.
    public init(session: SessionID, selection: String? = nil, files: Files, isForDesk: Bool) {
        self.session = session
        self.selection = selection
        self.files = files
        self.isForDesk = isForDesk
    }

    /// Photos that can be chosen at a time.
    public static let maximumSelection = 10_000
    /// Files of one archive.
    public static let maximumFiles = 100_000
}

/// Lists what is in archives, and keeps choices of photos. Implemented by Sessions.
public protocol ArchiveCatalog: Sendable {
    /// The files of an archive, of one moment. What comes later comes behind what was there before, as far as that can be:
    /// in the order in which it could be taken away.
    /// - Returns: `nil` when there is no such session or choice.
    /// - Throws: `Problem` 409 `too_many_files`.
    func listing(_ subject: ArchiveSubject) async throws -> ArchiveListing?

    /// What the `revision` of a listing made now would be, found without a look at each file; nothing of it has changed
    /// while it is the same, but for what was made again of a photo in the same way.
    /// - Returns: `nil` when there is no such session or choice.
    func revision(_ subject: ArchiveSubject) async throws -> String?

    /// Whether all of these objects are (still) of photos that an archive may hold: not hidden, thrown away or moved since it was listed.
    /// - Parameter objects: originals or renditions, at most some hundreds.
    func gives(_ objects: [ObjectKey], in subject: ArchiveSubject) async throws -> Bool

    /// Whether a session shows everybody where it was; `nil` when there is no such session.
    func tellsPlaces(_ session: SessionID) async throws -> Bool?

    /// Objects of a session that were missing when they were looked for last, a while ago, and may be back: those first that have waited
    /// longest, at most so many.
    func doubts(of session: SessionID, limit: Int) async throws -> [MissingObject]

    /// Remembers objects of a session that are not there: a note stands in their place from now on.
    /// - Returns: those that should be there. Others have been removed, or made again elsewhere, and are no loss.
    func note(missing objects: [MissingObject], of session: SessionID) async throws -> [MissingObject]

    /// Forgets that objects were missing.
    func note(found objects: [ObjectKey], of session: SessionID) async throws

    /// Keeps the checksums of files of a session that had none.
    /// - Parameter crc32: `nil` for a file that cannot be given without its place: it is in no such archive any more.
    func note(_ checksums: [(file: ArchivedFile, crc32: UInt32?)], of session: SessionID) async throws

    /// Keeps a choice of a session's photos for some weeks. Ids that name others are left out.
    /// - Parameter chooser: each keeps only so many, and all guests together.
    /// - Returns: its name, the same for the same photos and chooser.
    /// - Throws: `Problem` 422 when none of them is the session's, 429 when a guest chooses too often.
    func select(_ photos: [PhotoID], in session: SessionID, by chooser: ArchiveChooser) async throws -> String
}

/// Who chooses photos.
public struct ArchiveChooser: Sendable, Hashable {
    /// An account's or a grant's id.
    public var holder: String
    /// Whether it is a guest: of these anybody may come, so they all have only so much room.
    public var isGuest: Bool

    public init(holder: String, isGuest: Bool) {
        self.holder = holder
        self.isGuest = isGuest
    }

    /// Who keeps a choice.
    public init(_ principal: Principal) {
        switch principal {
        case .guest(let token): self.init(holder: token.grantID.description, isGuest: true)
        case .user, .key, .anonymous: self.init(holder: principal.userID?.description ?? "", isGuest: false)
        }
    }
}
