import Core

/// The SQL of renderings: one row a session, that of its latest, and a mark on each photo whose work is not done.
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
            sessionID: session, recipe: recipe, everything: everything, state: .feeding,
            next: Cursor(key: Int64.max, id: ""), total: try total?.get("photos") ?? 0, fed: 0, done: 0, failed: 0, startedAt: now)
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
        try tx.first("SELECT * FROM session_renders WHERE session_id = \(session)").map(rendering)
    }

    /// Sessions whose photos are not all in the queue, those that have waited longest first.
    func unfed(limit: Int, _ tx: any Transaction) throws -> [SessionID] {
        try tx.query(
            """
            SELECT session_id FROM session_renders WHERE state = \(Rendering.State.feeding) ORDER BY started_at LIMIT \(limit)
            """
        ).map { try $0.get("session_id") }
    }

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

    /// Notes that work for a photo has been put into the queue.
    func mark(_ photo: PhotoID, _ tx: any Transaction) throws {
        try tx.execute("UPDATE photos SET rendering = \(Mark.waiting) WHERE id = \(photo)")
    }

    /// Notes that the work for a photo has ended.
    /// - Returns: what was known of it before.
    func unmark(_ photo: PhotoID, failed: Bool, _ tx: any Transaction) throws -> Mark {
        let before = try tx.first("SELECT rendering FROM photos WHERE id = \(photo)")?.get("rendering", as: Mark.self) ?? .none
        let after: Mark = failed ? .failed : .none
        if before != .none, before != after { try tx.execute("UPDATE photos SET rendering = \(after) WHERE id = \(photo)") }
        return before
    }

    private func rendering(_ row: Row) throws -> Rendering {
        Rendering(
            sessionID: try row.get("session_id"), recipe: try JSON.decode(from: try row.get("recipe", as: String.self)),
            everything: try row.get("everything"), state: try row.get("state"),
            next: Cursor(key: try row.get("next_key"), id: try row.get("next_id")), total: try row.get("total"),
            fed: try row.get("fed"), done: try row.get("done"), failed: try row.get("failed"),
            startedAt: try row.get("started_at"))
    }
}
