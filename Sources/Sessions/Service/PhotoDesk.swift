public import Core
public import Logging

/// What the desk does to photos: to one at a time, or to thousands.
public struct PhotoDesk: Sendable {
    let database: any Database
    let photos: PhotoService
    let events: any EventPublisher & EventRewriter
    let clock: any WallClock
    let audit: AuditLog
    let service: SessionService
    let room: any UploadRoom
    let store = PhotoStore()
    private let sessions = SessionStore()
    let logger: Logger

    /// Photos that are changed in one transaction: others who write wait that long. The log of changes has room for their names.
    static let chunk = 100

    var news: CurationNews { CurationNews(photos.renditions, events, audit.grants) }
    var opinions: OpinionNews { OpinionNews(events, audit.grants) }

    /// - Parameters:
    ///   - photos: of the same database.
    ///   - room: what sessions can take that photos are moved to.
    public init(
        photos: PhotoService, sessions: SessionService, room: any UploadRoom, events: any EventPublisher & EventRewriter,
        logger: Logger
    ) {
        self.room = room
        self.database = photos.database
        self.photos = photos
        self.events = events
        self.logger = logger
        service = sessions
        clock = sessions.clock
        audit = sessions.audit
    }

    /// Who asks, and what they may.
    struct Editor: Sendable {
        let principal: Principal
        let rights: Rights

        /// Photographers may change what is written about their own photos, and editors all of everybody's.
        func may(_ operation: PhotoOperation, _ photo: Photo) -> Bool {
            if rights.contains(.edit) { return true }
            return rights.isSuperset(of: [.desk, .upload]) && operation.isForPhotographers && photo.uploaderID != nil
                && photo.uploaderID == principal.userID
        }
    }

    /// Does something to one photo.
    /// - Returns: the photo as the editor sees it.
    /// - Throws: `Problem` 404, 403, 409 with the code of the refusal.
    func perform(_ operation: PhotoOperation, on id: PhotoID, by editor: Editor) async throws -> PhotoView {
        let now = clock.now()
        try await database.write { tx in
            guard let photo = try store.find(id, tx), let session = try sessions.find(photo.sessionID, tx) else {
                throw Problem.notFound("photo")
            }
            if let refusal = try apply(operation, to: [photo.id], in: session, by: editor, from: 0, at: now, tx).first ?? nil {
                throw refusal.problem
            }
        }
        return try await photos.view(id, for: editor.principal, rights: editor.rights)
    }

    /// Does the same to some photos, in one transaction; of each it tells the desk, and guests.
    /// - Parameter start: the place of the first one among all that it is done to.
    /// - Returns: for each photo why it was not done to it; `nil` where it was.
    func apply(
        _ operation: PhotoOperation, to ids: [PhotoID], in session: Session, by editor: Editor, from start: Int, at now: Timestamp,
        _ tx: any Transaction
    ) throws -> [PhotoOperation.Refusal?] {
        let found = Dictionary(uniqueKeysWithValues: try store.find(ids, in: session.id, tx).map { ($0.id, $0) })
        var changed: [Photo] = []
        let refusals = ids.enumerated().map { index, id -> PhotoOperation.Refusal? in
            guard let photo = found[id] else { return .notFound }
            guard editor.may(operation, photo) else { return .forbidden }
            do throws(PhotoOperation.Refusal) {
                let new = try operation.applied(
                    to: photo, index: start + index, by: editor.principal.userID, in: session.occasion.zone, at: now)
                if new != photo { changed.append(new) }
                return nil
            } catch {
                return error
            }
        }
        for photo in changed {
            try store.setCuration(photo, at: now, tx)
            if photo.curation.tags != found[photo.id]?.curation.tags { try store.setTags(of: photo, tx) }
        }
        try news.changed(changed.compactMap { found[$0.id] }, of: session, tx)
        try note(operation.name, changed.map(\.id), in: session.id, by: editor, tx)
        return refusals
    }

    /// Writes into the log of changes what was done to which photos.
    func note(_ action: String, _ photos: [PhotoID], in session: SessionID, by editor: Editor, _ tx: any Transaction) throws {
        if photos.isEmpty { return }
        let change: JSONValue = ["photos": .array(photos.map { .string($0.description) })]
        try audit.note(action, in: session, change: change, by: editor.principal, tx)
    }
}

extension PhotoOperation.Refusal {
    var problem: Problem {
        switch self {
        case .notFound: .notFound("photo")
        case .forbidden: .forbidden(detail)
        default: .conflict(code, detail)
        }
    }
}
