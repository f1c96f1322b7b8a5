public import Core

/// The rules of favourites and likes.
public struct MarkService: Sendable {
    let database: any Database
    let attempts: any AttemptLimiter
    let events: any EventPublisher
    let clock: any WallClock
    private let marks = MarkStore()

    /// - Parameter attempts: limits how fast somebody marks photos.
    public init(database: any Database, attempts: any AttemptLimiter, events: any EventPublisher, clock: any WallClock) {
        self.database = database
        self.attempts = attempts
        self.events = events
        self.clock = clock
    }

    /// Marks a photo, or takes a mark back; what is so already stays so.
    /// - Throws: `Problem` 404 also for a photo that they are not shown, 429.
    func set(_ mark: PhotoMark, isOn: Bool, of photo: PhotoID, by chooser: Chooser) async throws -> PhotoMarksView {
        let person = chooser.person
        try await attempts.attempt("mark:\(person.text)")
        let now = clock.now()
        return try await database.write(.readCommitted) { tx in
            guard let found = try PhotoStore().find(photo, tx), found.shownAt != nil || chooser.isStaff,
                try SessionStore().find(found.sessionID, tx) != nil
            else { throw Problem.notFound("photo") }
            let isNews = isOn
                ? try marks.add(mark, to: photo, in: found.sessionID, by: person, at: now, tx)
                : try marks.remove(mark, from: photo, by: person, tx)
            if isNews, try !marks.count(mark, of: photo, by: isOn ? 1 : -1, tx) { throw Problem.notFound("photo") }
            let own = try marks.marks(of: [photo], by: person, tx)[photo] ?? []
            let view = PhotoMarksView(
                photoId: photo, likes: try marks.likes(of: photo, tx), isLiked: own.contains(.like), isFavourite: own.contains(.favourite))
            if isNews, mark == .like, found.shownAt != nil { try tell(view, found.sessionID, at: now, tx) }
            return view
        }
    }

    /// Everybody, once it is so.
    private func tell(_ view: PhotoMarksView, _ session: SessionID, at now: Timestamp, _ tx: any Transaction) throws {
        let event = try EphemeralEvent(
            topic: .session(session), type: SessionEvents.photoLiked, key: view.photoId.description,
            data: PhotoLiked(photoId: view.photoId, sessionId: session, likes: view.likes), at: now)
        tx.afterCommit { [events] in events.send(event) }
    }
}
