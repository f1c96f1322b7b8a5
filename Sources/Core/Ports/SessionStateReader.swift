/// Says what a session is like now, for clients that cannot be told what they have missed. Implemented by Sessions.
public protocol SessionStateReader: Sendable {
    /// What the principal would read of the session: `session` and the newest `photos`, a page whose `nextCursor` goes on in the list
    /// of photos. Media paths are plain, as in events.
    /// - Throws: `Problem` 404 when the session is gone, or the principal may not see it.
    func state(of session: SessionID, for principal: Principal) async throws -> JSONValue
}
