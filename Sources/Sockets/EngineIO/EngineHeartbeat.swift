import NIOCore

/// When a session is pinged, and by when it has to answer.
struct EngineHeartbeat {
    private let interval: TimeAmount
    private let timeout: TimeAmount
    private(set) var isAwaitingPong = false
    /// When to ping; after that, by when the pong has to be there.
    private(set) var due: NIODeadline

    /// How late a ping may be for the pong to be due by the clock and not by the ping.
    private static let slack = TimeAmount.milliseconds(100)

    init(interval: TimeAmount, timeout: TimeAmount, at now: NIODeadline) {
        self.interval = interval
        self.timeout = timeout
        due = now + interval
    }

    /// Whether the pong is overdue.
    func isOver(at now: NIODeadline) -> Bool { isAwaitingPong && now >= due }

    mutating func pinged(at now: NIODeadline) {
        isAwaitingPong = true
        // An event loop that stood still must not end every session when it goes on.
        due = (now - due < Self.slack ? due : now) + timeout
    }

    /// The client said something else: its pong may stand behind more of it that has not been read, for it is read slowly.
    mutating func heard(at now: NIODeadline) {
        if isAwaitingPong { due = max(due, now + timeout) }
    }

    /// `false`: nobody asked, so nothing changes.
    mutating func answered(at now: NIODeadline) -> Bool {
        guard isAwaitingPong else { return false }
        isAwaitingPong = false
        due = now + interval
        return true
    }
}
