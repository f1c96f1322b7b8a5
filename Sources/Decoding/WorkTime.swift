/// How much of a job's time on the clock is left for work that a film can do without. Most of it belongs to the server,
/// which hashes and stores what has been written.
struct WorkTime {
    private let start: ContinuousClock.Instant
    private let limit: Duration
    private let now: () -> ContinuousClock.Instant

    /// Begins now.
    /// - Parameter limit: of the whole job.
    init(limit: Duration, now: @escaping () -> ContinuousClock.Instant = { .now }) {
        self.start = now()
        self.limit = limit
        self.now = now
    }

    /// Whether less than half of the time is left.
    var isHalfOver: Bool { start.duration(to: now()) * 2 > limit }
}
