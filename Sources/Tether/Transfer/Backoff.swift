/// How long to wait after a failure: twice as long each time, and not everybody at the same moment.
struct Backoff: Sendable, Equatable {
    var first: Duration = .seconds(1)
    var longest: Duration = .seconds(60)

    /// - Parameters:
    ///   - failures: in a row, from 1.
    ///   - chance: 0 to 1, drawn by the caller: the pause is between half and the whole of its length.
    func pause(after failures: Int, chance: Double) -> Duration {
        let whole = min(first * (1 << min(20, max(0, failures - 1))), longest)
        return whole * 0.5 + whole * (0.5 * min(1, max(0, chance)))
    }
}

/// Whether the server can be reached, for all files together: while it cannot, one of them at a time finds out.
struct Outage: Sendable, Equatable {
    private let backoff: Backoff
    private(set) var failures = 0
    /// When to try again; in the past once the trial is under way.
    private(set) var until: ContinuousClock.Instant?
    private(set) var reason: String?

    init(_ backoff: Backoff = Backoff()) { self.backoff = backoff }

    /// The server could not be reached, or asked for patience.
    /// - Parameter pause: how long it asked for.
    mutating func failed(_ reason: String, after pause: Duration?, at now: ContinuousClock.Instant, chance: Double) {
        // The others that were under way fail with the first one.
        if let until, now < until { return }
        failures += 1
        self.reason = reason
        until = now + max(pause ?? .zero, backoff.pause(after: failures, chance: chance))
    }

    /// The server has answered.
    /// - Returns: whether it had been away.
    mutating func succeeded() -> Bool {
        defer { (failures, until, reason) = (0, nil, nil) }
        return failures > 0
    }

    /// How many files may be on their way.
    func limit(_ parallel: Int, at now: ContinuousClock.Instant) -> Int {
        guard let until else { return parallel }
        return now < until ? 0 : 1
    }
}

/// Which kinds of files may be begun beside those under way.
enum Schedule {
    /// A film may take hours: one place is kept free of them, so that photos go on.
    /// - Returns: the last kind that may be begun; `nil` when there is no place.
    static func room(places: Int, busy: [FileKind]) -> FileKind? {
        guard busy.count < places else { return nil }
        let films = busy.count { $0 == .film }
        return films < max(1, places - 1) ? .film : .raw
    }
}
