import Core

/// What is open to guests now: pure, so that a table of cases can test it and every door gives the same answer.
extension Session {
    func isReleased(at now: Timestamp) -> Bool { settings.releaseAt.map { $0 <= now } ?? true }
    func isExpired(at now: Timestamp) -> Bool { settings.expireAt.map { $0 <= now } ?? false }

    /// What is left of a guest's rights.
    func open(_ rights: Rights, at now: Timestamp) -> Rights {
        if status == .archived || isExpired(at: now) { return [] }
        return isReleased(at: now) || !rights.contains(.view) ? rights : []
    }

    /// Whether somebody who has shown that they may come in can do so now.
    /// - Throws: `Problem` 403 `session_archived`, `session_expired` or `not_released`.
    func requireOpen(to rights: Rights, at now: Timestamp) throws {
        if isExpired(at: now) { throw Problem.forbidden("The session is over; nobody gets in any more.", code: "session_expired") }
        if status == .archived { throw Problem.forbidden("The session is archived.", code: "session_archived") }
        if open(rights, at: now).isEmpty {
            throw Problem.forbidden("Guests are not let in yet.", code: "not_released")
        }
    }
}
