import Core

/// Who lists archives, which takes up memory for their rows: few at a time and of a session one, then those that wait, one of each
/// session after the other. So who asks for many archives of one session holds up nobody else's.
struct ListingTurns<Waiter> {
    /// Listings that are made at a time, that wait, and that wait of one session.
    static var maximum: Int { 3 }
    static var maximumWaiting: Int { 256 }
    static var maximumWaitingOfSession: Int { 32 }

    private var running: Set<SessionID> = []
    private var waiting: [SessionID: [Waiter]] = [:]
    /// The sessions of which some wait, the next one first.
    private var order: [SessionID] = []
    private var count = 0

    /// Begins at once, if that can be.
    mutating func take(_ session: SessionID) -> Bool {
        guard running.count < Self.maximum, !running.contains(session) else { return false }
        running.insert(session)
        return true
    }

    /// Whether one more may wait.
    func hasRoom(_ session: SessionID) -> Bool {
        count < Self.maximumWaiting && waiting[session]?.count ?? 0 < Self.maximumWaitingOfSession
    }

    mutating func wait(_ session: SessionID, _ waiter: Waiter) {
        if waiting[session] == nil { order.append(session) }
        waiting[session, default: []].append(waiter)
        count += 1
    }

    /// One has been made.
    /// - Returns: whose turn it is now.
    mutating func done(_ session: SessionID) -> [Waiter] {
        running.remove(session)
        var due: [Waiter] = []
        while running.count < Self.maximum, let index = order.firstIndex(where: { !running.contains($0) }) {
            due.append(next(of: order.remove(at: index)))
        }
        return due
    }

    private mutating func next(of session: SessionID) -> Waiter {
        var own = waiting[session] ?? []
        let waiter = own.removeFirst()
        waiting[session] = own.isEmpty ? nil : own
        if !own.isEmpty { order.append(session) }
        running.insert(session)
        count -= 1
        return waiter
    }
}
