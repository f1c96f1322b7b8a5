import Core

extension SessionService {
    /// Archives a session: the staff looks, guests are out, and nothing changes until it is restored.
    /// - Parameter principal: who does it; `nil` for Lumiere itself.
    /// - Throws: `Problem` 404, 409 `status_transition` when it is archived already, `is_party`.
    func archive(_ id: SessionID, by principal: Principal? = nil) async throws -> SessionView {
        try await change(id, as: "session_archived", by: principal) { try $0.archive(at: $1) }
    }

    /// Brings back what the session was before it was archived. Guests come in anew.
    /// - Parameter principal: who does it; `nil` for Lumiere itself.
    /// - Throws: `Problem` 404, 409 `status_transition` when it is not archived.
    func restore(_ id: SessionID, by principal: Principal? = nil) async throws -> SessionView {
        try await change(id, as: "session_restored", by: principal) { try $0.restore(at: $1) }
    }

    private func change(
        _ id: SessionID, as action: String, by principal: Principal?,
        _ body: @escaping @Sendable (inout Session, Timestamp) throws -> Void
    ) async throws -> SessionView {
        let now = clock.now()
        return try await database.write { tx in
            let session = try change(id, as: action, by: principal, at: now, tx) { try body(&$0, now) }
            return try view(session, rights: .owner, tx)
        }
    }

    /// The same in a transaction.
    func change(
        _ id: SessionID, as action: String, by principal: Principal?, at now: Timestamp, _ tx: any Transaction,
        _ body: (inout Session) throws -> Void
    ) throws -> Session {
        let old = try find(id, tx)
        var new = old
        try body(&new)
        try save(&new, changedFrom: old, as: action, by: principal, at: now, tx)
        return new
    }
}
