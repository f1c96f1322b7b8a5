/// What a server that is there asks of all files: to wait, because there are too many uploads or its session takes none now.
/// Nothing is broken, so nothing has to recover.
struct Lull: Sendable, Equatable {
    private var pauses = Outage()
    private var toldReason: String?
    private var toldAt: ContinuousClock.Instant?

    /// How long the same thing is not told again.
    private static let tellingInterval: Duration = .seconds(300)

    /// Why; `nil` when it asks for nothing.
    var reason: String? { pauses.reason }
    /// When to try again; in the past once the trial is under way.
    var until: ContinuousClock.Instant? { pauses.until }

    /// The server has asked for patience.
    /// - Parameter pause: for how long, if it said so.
    /// - Returns: whether that is worth telling.
    mutating func asked(_ reason: String, for pause: Duration?, at now: ContinuousClock.Instant, chance: Double) -> Bool {
        pauses.failed(reason, after: pause, at: now, chance: chance)
        if let toldAt, toldReason == reason, now - toldAt < Self.tellingInterval { return false }
        (toldReason, toldAt) = (reason, now)
        return true
    }

    /// The server has taken something. What was under way before it asked says nothing of what may be begun.
    mutating func taken(at now: ContinuousClock.Instant) {
        if let until, now < until { return }
        _ = pauses.succeeded()
    }

    /// How many files may be on their way.
    func limit(_ parallel: Int, at now: ContinuousClock.Instant) -> Int { pauses.limit(parallel, at: now) }
}
