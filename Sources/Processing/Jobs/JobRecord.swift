import Core

/// A job as its table has it, for people to look at.
struct JobRecord: Sendable, Equatable {
    var id: JobID
    var photoID: PhotoID
    var sessionID: SessionID
    var filename: String
    var state: JobState
    var priority: JobPriority
    /// Attempts that have begun since it was queued, or tried again by hand.
    var attempts: Int
    /// Why it has failed, or is not done yet.
    var failure: ProcessingFailure?
    /// When the next attempt may begin; `nil` when it may now, and when there is none.
    var nextAttemptAt: Timestamp?
    var createdAt: Timestamp
    /// When it came into its state, or to the next part of the work.
    var updatedAt: Timestamp

    static let columns: SQL = """
        id, photo_id, session_id, filename, state, priority, attempts, failure, detail, due_at, created_at, updated_at
        """

    init(_ row: Row) throws {
        id = try row.get("id")
        photoID = try row.get("photo_id")
        sessionID = try row.get("session_id")
        filename = try row.get("filename")
        state = try row.get("state")
        priority = try row.get("priority")
        attempts = try row.get("attempts")
        createdAt = try row.get("created_at")
        updatedAt = try row.get("updated_at")
        let dueAt: Timestamp = try row.get("due_at")
        nextAttemptAt = state == .queued && dueAt > JobStore.atOnce ? dueAt : nil
        guard let code: String = try row.optional("failure") else { return }
        // Those that have failed before details were kept have none.
        let detail: String? = try row.optional("detail")
        failure = ProcessingFailure(code: code, detail: detail ?? "The file could not be processed.")
    }
}
