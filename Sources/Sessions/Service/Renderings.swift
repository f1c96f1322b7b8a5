import Core

/// Counts how far renderings are, and tells the desk.
struct Renderings: Sendable {
    let events: any EventPublisher
    let clock: any WallClock
    private let store = RenderingStore()

    init(events: any EventPublisher, clock: any WallClock) {
        self.events = events
        self.clock = clock
    }

    /// Notes that the work for a photo has ended.
    /// - Returns: whether a rendering had asked for it.
    func ended(_ job: ProcessingJob, failed: Bool, _ tx: any Transaction) throws -> Bool {
        guard try store.unmark(job.photoID, tx) else { return false }
        guard var rendering = try store.find(job.sessionID, tx) else { return true }
        if failed { rendering.failed += 1 } else { rendering.done += 1 }
        try save(&rendering, tx)
        return true
    }

    /// Writes down how far it is, and tells the desk after the commit.
    func save(_ rendering: inout Rendering, _ tx: any Transaction) throws {
        // Photos come and fail while others are looked at: in the end those count that were.
        rendering.total = rendering.state == .feeding ? max(rendering.total, rendering.fed) : rendering.fed
        if rendering.state == .working, rendering.waiting <= 0 { rendering.state = .over }
        try store.update(rendering, tx)
        let session = rendering.sessionID
        let event = try EphemeralEvent(
            topic: .desk(session), type: SessionEvents.renderingProgress, key: session.description, data: RenderingView(rendering),
            at: clock.now())
        tx.afterCommit { [events] in events.send(event) }
    }
}
