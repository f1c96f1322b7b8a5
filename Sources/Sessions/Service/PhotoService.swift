public import Core
import Foundation

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

    /// A page of a session's photos.
    /// - Throws: `Problem` 404 when the session is gone, 403 `staff_only`, 400 `bad_cursor`.
    func list(
        _ session: SessionID, _ query: PhotoQuery = PhotoQuery(), for principal: Principal, rights: Rights, after cursor: Cursor?,
        limit: Int
    ) async throws -> Page<PhotoView> {
        if query.isForDesk, !rights.contains(.desk) {
            throw Problem.forbidden("Only the staff of the session can list its photos like that.", code: "staff_only")
        }
        return try await database.read { tx in
            guard let session = try sessions.find(session, tx) else { throw Problem.notFound("session") }
            let grant = try mediaTokens.token(of: principal, in: session, rights: rights, tx)
            let person = Person(principal)
            return try page(of: session, query, for: person, rights: rights, grant: grant, after: cursor, limit: limit, tx)
        }
    }

    /// The same in a transaction.
    /// - Parameters:
    ///   - person: whose marks the photos bear.
    ///   - grant: signed into every URL; `nil` leaves the plain paths, as in events.
    func page(
        of session: Session, _ query: PhotoQuery = PhotoQuery(), for person: Person?, rights: Rights, grant: String?, after cursor: Cursor?, limit: Int,
        _ tx: any Transaction
    ) throws -> Page<PhotoView> {
        let after = try cursor.map { try PhotoCursor($0, in: query.sort) }
        let found = try photos.list(
            session.id, query, onlyShown: !rights.contains(.desk), after: after, limit: limit + 1, tx)
        let items = Array(found.prefix(limit))
        let next = found.count > limit ? items.last.map { PhotoCursor(after: $0, in: query.sort).cursor.text } : nil
        return Page(items: try views(items, session, for: person, rights: rights, grant: grant, tx), nextCursor: next)
    }

    /// What the photos of a session are divided into.
    /// - Parameter zone: whose days and hours; that of the session, or else UTC, when `nil`.
    /// - Throws: `Problem` 404.
    func sections(
        of id: SessionID, by order: PhotoSection.Order, in zone: TimeZone?, rights: Rights
    ) async throws -> PhotoSections {
        let onlyShown = !rights.contains(.desk)
        let sections = try await database.read { tx in
            guard let session = try sessions.find(id, tx) else { throw Problem.notFound("session") }
            let zone = zone ?? session.occasion.zone
            return switch order {
            case .day, .hour:
                PhotoSection.ofTime(try photos.quarters(of: id, onlyShown: onlyShown, tx), by: order, in: zone)
            case .tag: try photos.tags(of: id, onlyShown: onlyShown, tx).map(PhotoSection.init)
            case .category: try photos.categories(of: id, onlyShown: onlyShown, tx).map(PhotoSection.init)
            }
        }
        return PhotoSections(by: order.rawValue, sections: Array(sections.prefix(PhotoStore.maximumSections)))
    }

    /// One photo.
    /// - Throws: `Problem` 404 when it is gone, or not yet for the eyes of somebody with these rights.
    func view(_ id: PhotoID, for principal: Principal, rights: Rights) async throws -> PhotoView {
        try await database.read { tx in
            guard let photo = try photos.find(id, tx), let session = try sessions.find(photo.sessionID, tx),
                photo.shownAt != nil || rights.contains(.desk)
            else { throw Problem.notFound("photo") }
            let grant = try mediaTokens.token(of: principal, in: session, rights: rights, tx)
            guard let view = try views(
                [photo], session, for: Person(principal), rights: rights, grant: grant, withMetadata: true, tx).first else {
                throw Problem.notFound("photo")
            }
            return view
        }
    }

    /// The views of at most some hundreds of a session's photos that there are, by their ids.
    /// - Throws: `DatabaseError`.
    func views(
        _ ids: [PhotoID], in session: SessionID, for principal: Principal, rights: Rights, _ tx: any Transaction
    ) throws -> [PhotoID: PhotoView] {
        guard let session = try sessions.find(session, tx) else { return [:] }
        let found = try photos.find(ids, tx).filter { $0.sessionID == session.id }
        let grant = try mediaTokens.token(of: principal, in: session, rights: rights, tx)
        let views = try views(found, session, for: Person(principal), rights: rights, grant: grant, tx)
        return Dictionary(uniqueKeysWithValues: views.map { ($0.id, $0) })
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
        _ found: [Photo], _ session: Session, for person: Person?, rights: Rights, grant: String?, withMetadata: Bool = false,
        _ tx: any Transaction
    ) throws -> [PhotoView] {
        let files = try PhotoFiles.of(found, renditions, tx)
        let marks = try person.map { try MarkStore().marks(of: found.map(\.id), by: $0, tx) }
        return try found.map { photo in
            let metadata = withMetadata && rights.contains(.desk) ? try photos.metadata(of: photo.id, tx) : nil
            return PhotoView(
                photo, files[photo.id] ?? PhotoFiles(), session.settings, rights: rights, grant: grant,
                marks: marks.map { $0[photo.id] ?? [] }, metadata: metadata)
        }
    }
}
