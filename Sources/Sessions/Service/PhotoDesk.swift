public import Core

/// What the desk does to photos: to one at a time, or to thousands.
public struct PhotoDesk: Sendable {
    let database: any Database
    let photos: PhotoService
    let events: any EventPublisher & EventRewriter
    let clock: any WallClock
    private let store = PhotoStore()
    private let sessions = SessionStore()

    /// Photos that are changed in one transaction: others who write wait that long.
    static let chunk = 100

    /// - Parameter photos: of the same database.
    public init(photos: PhotoService, events: any EventPublisher & EventRewriter, clock: any WallClock) {
        self.database = photos.database
        self.photos = photos
        self.events = events
        self.clock = clock
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
        let refusals = try ids.enumerated().map { index, id -> PhotoOperation.Refusal? in
            guard let photo = found[id] else { return .notFound }
            guard editor.may(operation, photo) else { return .forbidden }
            do throws(PhotoOperation.Refusal) {
                let new = try operation.applied(to: photo, index: start + index, by: editor.principal.userID, at: now)
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
        try CurationNews(photos.renditions, events).changed(changed.compactMap { found[$0.id] }, of: session, tx)
        return refusals
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
