public import Core
public import Logging

/// Has the photos of sessions derived anew, little by little, so that what comes in meanwhile goes first.
///
/// What is left to do is in the database: whatever interrupts it, it goes on from there, on whichever node.
public struct RenderingService: Sendable {
    let database: any Database
    let queue: any RenderQueue
    let renditions: any RenditionCatalog
    let recipe: Recipe
    let clock: any WallClock
    let logger: Logger
    let events: any EventPublisher
    private let store = RenderingStore()
    private let sessions = SessionStore()
    private let photos = PhotoStore()

    /// Photos looked at in one transaction.
    static let batch = 20
    /// Photos of one session that wait in the queue at a time.
    var maxWaiting = 200
    /// Sessions looked at in one statement.
    static let page = 100

    /// - Parameter recipe: what photos become in sessions that want nothing else.
    public init(
        database: any Database, queue: any RenderQueue, renditions: any RenditionCatalog, events: any EventPublisher,
        recipe: Recipe, clock: any WallClock, logger: Logger
    ) {
        self.database = database
        self.queue = queue
        self.renditions = renditions
        self.recipe = recipe
        self.clock = clock
        self.logger = logger
        self.events = events
    }

    /// Feeds the queue and tells desks every second until cancelled.
    public func run() async {
        while !Task.isCancelled {
            do { try await feed() } catch is CancellationError { return } catch {
                logger.error("sessions to be rendered could not be found; trying again", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// Has the photos of a session derived anew.
    /// - Parameter everything: those that follow the session's recipe already, too.
    /// - Throws: `Problem` 404.
    public func begin(_ session: SessionID, everything: Bool) async throws -> RenderingView {
        let now = clock.now()
        return try await database.write { tx in
            guard let session = try sessions.find(session, tx) else { throw Problem.notFound("session") }
            let wanted = session.settings.recipe(from: recipe)
            return RenderingView(try store.begin(session.id, wanted, everything: everything, queue, at: now, tx))
        }
    }

    /// How far the latest rendering of a session is; `nil` when there was none.
    public func progress(of session: SessionID) async throws -> RenderingView? {
        try await progress(of: [session]).first
    }

    /// How far the latest renderings of sessions are; those without one, or deleted, are left out.
    public func progress(of sessions: [SessionID]) async throws -> [RenderingView] {
        try await database.read { tx in
            try stride(from: 0, to: sessions.count, by: Self.page).flatMap { start in
                let some = Array(sessions[start..<min(start + Self.page, sessions.count)])
                return try store.find(some, tx).map(RenderingView.init)
            }
        }
    }

    /// Sessions that have photos, newest first.
    /// - Parameter cursor: `nextCursor` of the page before.
    public func sessions(after cursor: String?) async throws -> Page<SessionID> {
        let after = try cursor.map(Cursor.init)
        return try await database.read { tx in
            let found = try sessions.list(SessionFilter(among: .all), after: after, limit: 201, tx)
            let page = Page(found.map(SessionPlace.init), limit: 200) { $0.cursor }
            return Page(items: page.items.map(\.id), nextCursor: page.nextCursor)
        }
    }

    private struct SessionPlace: Codable {
        let id: SessionID
        let createdAt: Timestamp

        init(_ session: Session) { (id, createdAt) = (session.id, session.createdAt) }
        var cursor: Cursor { Cursor(key: createdAt.milliseconds, id: id.description) }
    }

    /// Fills the queue up for every session that has photos left, and tells desks how far theirs are. What is wrong with one
    /// session keeps no other waiting.
    public func feed() async throws {
        var last: SessionID?
        repeat {
            let open = try await database.read { [last] tx in try store.open(after: last, limit: Self.page, tx) }
            for (session, rendering) in open {
                do { try await attend(to: session, rendering) } catch let error where !(error is CancellationError) {
                    logger.error(
                        "photos could not be queued for rendering; trying again",
                        metadata: ["session": "\(session)", "error": "\(error)"])
                }
            }
            last = open.count == Self.page ? open.last?.session : nil
        } while last != nil
    }

    /// - Parameter found: what was read of it; `nil` to read it again, and learn what is wrong with it.
    private func attend(to id: SessionID, _ found: Rendering?) async throws {
        guard let rendering = if let found { found } else { try await database.read({ try store.find(id, $0) }) } else { return }
        if rendering.state == .feeding, rendering.waiting < maxWaiting {
            while try await database.write(.readCommitted, { tx in try feed(id, tx) }) {}
        } else if rendering.isNews {
            try await database.write(.readCommitted) { tx in
                guard var rendering = try store.hold(id, tx), rendering.isNews else { return }
                try save(&rendering, tx)
            }
        }
    }

    /// Decides by rows that it holds, so that workers who end photos of the session meanwhile are not in its way, nor it in theirs.
    /// - Returns: whether there is more to be put into the queue now.
    private func feed(_ id: SessionID, _ tx: any Transaction) throws -> Bool {
        guard var rendering = try store.hold(id, tx), rendering.state == .feeding else { return false }
        let room = min(Self.batch, maxWaiting - rendering.waiting)
        if room <= 0 { return false }
        let found = try photos.list(id, onlyShown: false, after: rendering.next, limit: room, tx)
        let made = try renditions.renditions(of: found.map(\.originalID), transaction: tx)
        for photo in found where photo.status != .failed {
            let isFollowing = rendering.recipe.isFollowed(by: photo, made[photo.originalID] ?? [])
            if isFollowing, !rendering.everything {
                rendering.fed += 1
            } else if try store.mark(photo, tx) {
                try queue.render(ProcessingJob(photo, recipe: rendering.recipe), in: tx)
                (rendering.fed, rendering.waiting) = (rendering.fed + 1, rendering.waiting + 1)
            } else if try photos.find(photo.id, tx)?.status == .ready {
                // It was under way, by this recipe, when it was read.
                rendering.fed += 1
            }
        }
        try retireReplaced(found, wanted: rendering.recipe, tx)
        if let last = found.last { rendering.next = Cursor(key: last.createdAt.milliseconds, id: last.id.description) }
        let isMore = found.count == room
        if !isMore { rendering.state = .working }
        try save(&rendering, tx)
        return isMore
    }

    /// No URL goes on showing what was made by other recipes of files that are not displayed any more.
    private func retireReplaced(_ found: [Photo], wanted: Recipe, _ tx: any Transaction) throws {
        let others = try CompanionStore().of(found.map(\.id), tx)
        for photo in found where others[photo.id] != nil {
            guard let now = try photos.find(photo.id, tx), try photos.hold(now, tx) else { continue }
            let hasLost = try ReplacedFiles(renditions).retire(of: now, wanted: wanted, tx)
            if hasLost, now.status == .failed {
                try PhotoNews(renditions, events).announce(now.id, as: SessionEvents.photoStatusUpdated, tx)
            }
        }
    }

    /// Writes down how far it is, and tells the desk after the commit.
    private func save(_ rendering: inout Rendering, _ tx: any Transaction) throws {
        rendering.settle()
        try store.update(rendering, tx)
        let session = rendering.sessionID
        let event = try EphemeralEvent(
            topic: .desk(session), type: SessionEvents.renderingProgress, key: session.description, data: RenderingView(rendering),
            at: clock.now())
        tx.afterCommit { [events] in events.send(event) }
    }
}

extension Recipe {
    /// Whether these are what comes of it. Of photos from before that was noted, the largest size is known to be written last.
    fileprivate func isFollowed(by photo: Photo, _ renditions: [Rendition]) -> Bool {
        photo.status == .ready
            && renditions.contains { $0.recipe == hash && (photo.recipe == hash || $0.name == sizes.last?.name) }
    }
}
