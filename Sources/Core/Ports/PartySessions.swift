/// The session that a party is: its door, its people, its chat, and what is uploaded for it.
public struct PartySession: Sendable, Equatable {
    public var id: SessionID
    public var title: String
    public var ownerID: UserID
    public var accessCode: String
    public var createdAt: Timestamp

    /// See the properties of the same names.
    public init(id: SessionID, title: String, ownerID: UserID, accessCode: String, createdAt: Timestamp) {
        self.id = id
        self.title = title
        self.ownerID = ownerID
        self.accessCode = accessCode
        self.createdAt = createdAt
    }
}

/// Keeps the sessions that parties are. Implemented by Sessions.
public protocol PartySessions: Sendable {
    /// Makes one.
    /// - Parameter also: writes what else there is of the party, in the same transaction; may be called more than once.
    /// - Throws: `Problem`, `DatabaseError`.
    func create(
        title: String, owner: UserID, by principal: Principal, also: @escaping @Sendable (PartySession, any Transaction) throws -> Void
    ) async throws -> PartySession

    /// - Returns: `nil` for what is deleted, or no party.
    func party(_ id: SessionID, transaction: any Transaction) throws -> PartySession?

    /// Of some sessions those that are parties, the newest first.
    /// - Parameter ids: `nil` for all.
    func parties(among ids: [SessionID]?, after cursor: Cursor?, limit: Int, transaction: any Transaction) throws -> [PartySession]

    /// Gives one another title.
    func retitle(_ id: SessionID, to title: String, by principal: Principal) async throws

    /// Hides one at once and for good.
    /// - Throws: `Problem` 404.
    func delete(_ id: SessionID, by principal: Principal) async throws

    /// Takes back what lets somebody into one, for who keeps the party has decided so: an account's membership, a guest's grant. The whole
    /// house is told once that is written; whom nothing lets in is out already.
    /// - Throws: `Problem` 404, 409 `is_owner`.
    func showOut(_ person: Person, of party: SessionID, by principal: Principal, transaction: any Transaction) throws

    /// Signs what opens some films, each of them alone and wherever it is kept, for somebody in a party: for a day or two, and not
    /// longer than they may be there.
    /// - Returns: nothing for who holds nothing in the party.
    func filmTokens(
        of principal: Principal, in party: SessionID, for films: [Film], transaction: any Transaction
    ) throws -> [OriginalID: String]
}

/// A film that is ready to be watched.
public struct Film: Sendable, Equatable {
    public var photoID: PhotoID
    public var originalID: OriginalID
    public var sessionID: SessionID
    public var sessionTitle: String
    public var title: String
    /// Seconds; `nil` for one that does not tell.
    public var duration: Double?
    /// Pixels, upright.
    public var width: Int?
    public var height: Int?
    public var createdAt: Timestamp
    /// What was derived from it.
    public var renditions: [Rendition]

    /// See the properties of the same names.
    public init(
        photoID: PhotoID, originalID: OriginalID, sessionID: SessionID, sessionTitle: String, title: String, duration: Double?,
        width: Int?, height: Int?, createdAt: Timestamp, renditions: [Rendition]
    ) {
        self.photoID = photoID
        self.originalID = originalID
        self.sessionID = sessionID
        self.sessionTitle = sessionTitle
        self.title = title
        self.duration = duration
        self.width = width
        self.height = height
        self.createdAt = createdAt
        self.renditions = renditions
    }
}

/// Finds films. Implemented by Sessions.
public protocol FilmLibrary: Sendable {
    /// Those of some photos, at most some hundreds, that are films, ready, seen by everybody in their session, and in one that is neither
    /// deleted nor closed to its guests.
    func films(_ photos: [PhotoID], transaction: any Transaction) throws -> [PhotoID: Film]

    /// Such films of some sessions, the newest first.
    /// - Parameter cursor: creation time and id of the last one seen.
    func films(in sessions: [SessionID], after cursor: Cursor?, limit: Int, transaction: any Transaction) throws -> [Film]
}
