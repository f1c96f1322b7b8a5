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
    private let renderings: Renderings
    private let store = RenderingStore()
    private let sessions = SessionStore()
    private let photos = PhotoStore()

    /// Photos looked at in one transaction.
    static let batch = 50
    /// Photos of one session that wait in the queue at a time.
    static let maxWaiting = 200
    /// Sessions that are fed at a time.
    static let maxSessions = 20

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
        self.renderings = Renderings(events: events, clock: clock)
    }

    /// Feeds the queue every second until cancelled.
    public func run() async {
        while !Task.isCancelled {
            do { try await feed() } catch is CancellationError { return } catch {
                logger.error("photos could not be queued for rendering; trying again", metadata: ["error": "\(error)"])
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
        try await database.read { tx in try store.find(session, tx).map(RenderingView.init) }
    }

    /// Sessions that have photos, newest first.
    /// - Parameter cursor: `nextCursor` of the page before.
    public func sessions(after cursor: String?) async throws -> Page<SessionID> {
        let after = try cursor.map(Cursor.init)
        return try await database.read { tx in
            let found = try sessions.list(nil, after: after, limit: 201, tx)
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

    /// Fills the queue up, for every session that has photos left.
    public func feed() async throws {
        let unfed = try await database.read { tx in try store.unfed(limit: Self.maxSessions, tx) }
        for session in unfed {
            while try await database.write({ tx in try feed(session, tx) }) {}
        }
    }

    /// - Returns: whether there is more to be put into the queue now.
    private func feed(_ id: SessionID, _ tx: any Transaction) throws -> Bool {
        guard var rendering = try store.find(id, tx), rendering.state == .feeding else { return false }
        guard try sessions.find(id, tx) != nil else {
            try store.remove(id, tx)
            return false
        }
        let room = min(Self.batch, Self.maxWaiting - rendering.waiting)
        if room <= 0 { return false }
        let found = try photos.list(id, onlyShown: false, after: rendering.next, limit: room, tx)
        let made = try renditions.renditions(of: found.map(\.originalID), transaction: tx)
        for photo in found where photo.status != .failed {
            rendering.fed += 1
            if !rendering.everything, photo.status == .ready, rendering.recipe.isFollowed(by: made[photo.originalID] ?? []) {
                rendering.done += 1
            } else {
                try store.mark(photo.id, tx)
                try queue.render(ProcessingJob(photo, recipe: rendering.recipe), in: tx)
            }
        }
        if let last = found.last { rendering.next = Cursor(key: last.createdAt.milliseconds, id: last.id.description) }
        let isMore = found.count == room
        if !isMore { rendering.state = .working }
        try renderings.save(&rendering, tx)
        return isMore
    }
}

extension Recipe {
    /// Whether these are what comes of it: the largest size is written last.
    fileprivate func isFollowed(by renditions: [Rendition]) -> Bool {
        renditions.contains { $0.recipe == hash && $0.name == sizes.last?.name }
    }
}
