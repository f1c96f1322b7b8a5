public import Core

/// Reads photos for whoever asks, with URLs that work for them.
public struct PhotoService: Sendable {
    let database: any Database
    let mediaTokens: MediaTokens
    let renditions: any RenditionCatalog
    let intake: PhotoIntake
    private let photos = PhotoStore()
    private let sessions = SessionStore()

    public init(
        database: any Database, grants: any GrantRegistry, signer: any GrantChecker, renditions: any RenditionCatalog,
        intake: PhotoIntake, clock: any WallClock
    ) {
        self.database = database
        self.mediaTokens = MediaTokens(grants: grants, signer: signer, clock: clock)
        self.renditions = renditions
        self.intake = intake
    }

    /// A page of a session's photos, newest first.
    /// - Throws: `Problem` 404 when the session is gone.
    func list(
        _ session: SessionID, for principal: Principal, rights: Rights, after cursor: Cursor?, limit: Int
    ) async throws -> Page<PhotoView> {
        try await database.read { tx in
            guard let session = try sessions.find(session, tx) else { throw Problem.notFound("session") }
            let grant = try mediaTokens.token(of: principal, in: session, rights: rights, tx)
            return try page(of: session, rights: rights, grant: grant, after: cursor, limit: limit, tx)
        }
    }

    /// The same in a transaction.
    /// - Parameter grant: signed into every URL; `nil` leaves the plain paths, as in events.
    func page(
        of session: Session, rights: Rights, grant: String?, after cursor: Cursor?, limit: Int, _ tx: any Transaction
    ) throws -> Page<PhotoView> {
        let found = try photos.list(session.id, onlyShown: !rights.contains(.desk), after: cursor, limit: limit + 1, tx)
        let views = try views(found, session, rights: rights, grant: grant, tx)
        return Page(views, limit: limit) { Cursor(key: $0.createdAt.milliseconds, id: $0.id.description) }
    }

    /// One photo.
    /// - Throws: `Problem` 404 when it is gone, or not yet for the eyes of somebody with these rights.
    func view(_ id: PhotoID, for principal: Principal, rights: Rights) async throws -> PhotoView {
        try await database.read { tx in
            guard let photo = try photos.find(id, tx), let session = try sessions.find(photo.sessionID, tx),
                photo.shownAt != nil || rights.contains(.desk)
            else { throw Problem.notFound("photo") }
            let grant = try mediaTokens.token(of: principal, in: session, rights: rights, tx)
            guard let view = try views([photo], session, rights: rights, grant: grant, withTags: true, tx).first else {
                throw Problem.notFound("photo")
            }
            return view
        }
    }

    /// Lets a failed photo try again.
    /// - Throws: `Problem` 404, 409 `not_failed` or `unsupported_type`.
    func requeue(_ id: PhotoID) async throws {
        try await database.write { tx in
            guard let photo = try photos.find(id, tx), try sessions.find(photo.sessionID, tx) != nil else {
                throw Problem.notFound("photo")
            }
            guard photo.status == .failed else {
                throw Problem.conflict("not_failed", "Only a photo that failed can be tried again.")
            }
            guard try intake.retry(id, tx) else {
                throw Problem.conflict("unsupported_type", "Files of its type or size are not taken here.")
            }
        }
    }

    private func views(
        _ found: [Photo], _ session: Session, rights: Rights, grant: String?, withTags: Bool = false, _ tx: any Transaction
    ) throws -> [PhotoView] {
        let files = try PhotoFiles.of(found, renditions, tx)
        return try found.map {
            let tags = withTags && rights.contains(.desk) ? try photos.tags(of: $0.id, tx) : nil
            return PhotoView($0, files[$0.id] ?? PhotoFiles(), session.settings, rights: rights, grant: grant, tags: tags)
        }
    }
}
