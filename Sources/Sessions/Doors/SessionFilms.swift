public import Core

/// The films of all sessions.
public struct SessionFilms: FilmLibrary {
    let renditions: any RenditionCatalog
    let clock: any WallClock

    /// - Parameter renditions: knows what was derived from them.
    public init(renditions: any RenditionCatalog, clock: any WallClock) { (self.renditions, self.clock) = (renditions, clock) }

    public func films(_ photos: [PhotoID], transaction: any Transaction) throws -> [PhotoID: Film] {
        let found = try films(try PhotoStore().find(photos, transaction), transaction)
        return Dictionary(uniqueKeysWithValues: found.map { ($0.photoID, $0) })
    }

    public func films(
        in sessions: [SessionID], after cursor: Cursor?, limit: Int, transaction: any Transaction
    ) throws -> [Film] {
        try films(try PhotoStore().films(in: sessions, after: cursor, limit: limit, transaction), transaction)
    }

    private func films(_ photos: [Photo], _ tx: any Transaction) throws -> [Film] {
        let ready = photos.filter { $0.kind == .video && $0.status == .ready && $0.shownAt != nil }
        let files = try PhotoFiles.of(ready, renditions, tx)
        let sessions = try SessionStore().find(Set(ready.map(\.sessionID)), tx)
        let now = clock.now()
        return ready.compactMap { photo in
            // What is closed to its own guests is so to others.
            sessions[photo.sessionID].flatMap { $0.open(.view, at: now).contains(.view) ? $0 : nil }.map { Film(photo, in: $0, files[photo.id]?.renditions ?? []) }
        }
    }
}

extension Film {
    fileprivate init(_ photo: Photo, in session: Session, _ renditions: [Rendition]) {
        let milliseconds = photo.facts?.video?.duration ?? 0
        self.init(
            photoID: photo.id, originalID: photo.originalID, sessionID: photo.sessionID, sessionTitle: session.title,
            title: photo.curation.title ?? photo.filename, duration: milliseconds > 0 ? Double(milliseconds) / 1000 : nil,
            width: photo.facts?.width, height: photo.facts?.height, createdAt: photo.createdAt,
            renditions: renditions)
    }
}
