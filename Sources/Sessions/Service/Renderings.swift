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
        let before = try store.unmark(job.photoID, failed: failed, tx)
        if before == .none { return false }
        guard var rendering = try store.find(job.sessionID, tx) else { return true }
        switch (before, failed) {
        case (.waiting, false): rendering.done += 1
        case (.waiting, true): rendering.failed += 1
        // Tried again.
        case (_, false): (rendering.done, rendering.failed) = (rendering.done + 1, rendering.failed - 1)
        case (_, true): return true
        }
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
