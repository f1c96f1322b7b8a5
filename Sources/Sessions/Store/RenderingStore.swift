import Core

/// The SQL of renderings: one row a session, that of its latest, and a mark on each photo whose work is not done.
///
/// Whoever ends the work for a photo touches its mark and nothing that others touch too: how far a rendering is, is counted
/// from the marks.
struct RenderingStore {
    /// Begins a rendering in the place of any other, whose work is not to be done any more. Photos that come from now on follow
    /// the recipe anyway.
    func begin(
        _ session: SessionID, _ recipe: Recipe, everything: Bool, _ queue: any RenderQueue, at now: Timestamp,
        _ tx: any Transaction
    ) throws -> Rendering {
        try remove(session, tx)
        try queue.turn(session, to: recipe, in: tx)
        let total = try tx.first(
            "SELECT COUNT(*) AS photos FROM photos WHERE session_id = \(session) AND status <> \(Photo.Status.failed)")
        let rendering = Rendering(
            sessionID: session, recipe: recipe, everything: everything, total: try total?.get("photos") ?? 0, startedAt: now)
        try tx.execute("UPDATE photos SET rendering = 0 WHERE session_id = \(session) AND rendering <> 0")
        try tx.execute(
            """
            INSERT INTO session_renders
                (session_id, recipe, everything, state, next_key, next_id, total, fed, done, failed, started_at)
            VALUES (\(session), \(try JSON.text(recipe)), \(everything), \(rendering.state), \(rendering.next.key),
                \(rendering.next.id), \(rendering.total), 0, 0, 0, \(now))
            """)
        return rendering
    }

    func find(_ session: SessionID, _ tx: any Transaction) throws -> Rendering? {
        try find([session], tx).first
    }

    /// Those of at most some hundreds of sessions.
    func find(_ sessions: [SessionID], _ tx: any Transaction) throws -> [Rendering] {
        try tx.query("\(sql: Self.counted) WHERE session_id IN \(list: sessions)").map(rendering)
    }

    /// Renderings that are not over, in the order of their sessions' ids; `nil` for one that cannot be read.
    func open(
        after session: SessionID?, limit: Int, _ tx: any Transaction
    ) throws -> [(session: SessionID, rendering: Rendering?)] {
        let after: SQL = session.map { "AND session_id > \($0)" } ?? ""
        return try tx.query(
            "\(sql: Self.counted) WHERE state <> 'over' \(sql: after) ORDER BY session_id LIMIT \(limit)"
        ).map { (try $0.get("session_id"), try? rendering($0)) }
    }

    /// The same as `find`, for this transaction alone until it ends; `nil` when there is none, or it is over.
    func hold(_ session: SessionID, _ tx: any Transaction) throws -> Rendering? {
        let isOpen = try tx.execute("UPDATE session_renders SET fed = fed WHERE session_id = \(session) AND state <> 'over'") == 1
        return isOpen ? try find(session, tx) : nil
    }

    /// Writes down how far it is, as far as the desk is told.
    func update(_ rendering: Rendering, _ tx: any Transaction) throws {
        try tx.execute(
            """
            UPDATE session_renders SET state = \(rendering.state), next_key = \(rendering.next.key),
                next_id = \(rendering.next.id), total = \(rendering.total), fed = \(rendering.fed), done = \(rendering.done),
                failed = \(rendering.failed)
            WHERE session_id = \(rendering.sessionID)
            """)
    }

    func remove(_ session: SessionID, _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM session_renders WHERE session_id = \(session)")
    }

    /// What a rendering knows of a photo.
    enum Mark: Int, SQLConvertible {
        case none = 0
        /// Its work waits or is under way.
        case waiting = 1
        /// It keeps what it had; somebody may have its work tried again.
        case failed = 2
    }

    /// Notes that the work for a photo is to be put into the queue.
    /// - Returns: whether the photo is still as it was read; it stays so until the transaction ends.
    func mark(_ photo: Photo, _ tx: any Transaction) throws -> Bool {
        try tx.execute(
            """
            UPDATE photos SET rendering = \(Mark.waiting)
            WHERE id = \(photo.id) AND original_id = \(photo.originalID) AND status = \(photo.status)
            """) == 1
    }

    /// Notes that the work for a photo has ended.
    /// - Returns: whether a rendering had asked for it.
    func unmark(_ photo: PhotoID, failed: Bool, _ tx: any Transaction) throws -> Bool {
        guard let row = try tx.first("SELECT rendering, session_id FROM photos WHERE id = \(photo)") else { return false }
        let before: Mark = try row.get("rendering")
        let after: Mark = before != .none && failed ? .failed : .none
        // Written in any case: a feeder that marks the photo at this moment has to come before, or after.
        try tx.execute("UPDATE photos SET rendering = \(after) WHERE id = \(photo)")
        if before == .failed { try reopen(try row.get("session_id"), tx) }
        return before != .none
    }

    /// The figures of one that is over have changed: a photo that had failed was tried again.
    private func reopen(_ session: SessionID, _ tx: any Transaction) throws {
        try tx.execute(
            """
            UPDATE session_renders SET state = \(Rendering.State.working)
            WHERE session_id = \(session) AND state = \(Rendering.State.over)
            """)
    }

    /// Marked photos are in an index of their own: hundreds at most, and those that failed.
    static let counted: SQL = """
        SELECT session_renders.*,
            (SELECT COUNT(*) FROM photos WHERE photos.session_id = session_renders.session_id AND rendering <> 0 AND rendering = 1)
                AS now_waiting,
            (SELECT COUNT(*) FROM photos WHERE photos.session_id = session_renders.session_id AND rendering <> 0 AND rendering = 2)
                AS now_failed
        FROM session_renders
        """

    private func rendering(_ row: Row) throws -> Rendering {
        var rendering = Rendering(
            sessionID: try row.get("session_id"), recipe: try JSON.decode(from: try row.get("recipe", as: String.self)),
            everything: try row.get("everything"), total: try row.get("total"), startedAt: try row.get("started_at"))
        rendering.state = try row.get("state")
        rendering.next = Cursor(key: try row.get("next_key"), id: try row.get("next_id"))
        rendering.fed = try row.get("fed")
        rendering.waiting = try row.get("now_waiting")
        rendering.failed = try row.get("now_failed")
        rendering.told = Rendering.Told(done: try row.get("done"), failed: try row.get("failed"))
        return rendering
    }
}
