import Core

extension JobStore {
    /// Records that everything is done but for the film, which is to be encoded anew: that waits for its own turn.
    func completeButFilm(_ claim: ClaimedJob, in transaction: any Transaction) throws -> Bool {
        let change: SQL = """
            state = \(JobState.queued), priority = \(JobPriority.film), attempts = 0, crashes = 0, interruptions = 0,
            due_at = \(Self.atOnce), owner = NULL, lease = NULL, failure = NULL, detail = NULL, avif_recipe = NULL
            """
        let isOurs = try update(claim, change, at: clock.now(), in: transaction)
        if isOurs { announce(in: transaction) }
        return isOurs
    }

    /// The film of an original need not be encoded anew: its job is done, as it would be without. A worker that is at it
    /// notices by its lease.
    func dropFilm(of original: OriginalID, in transaction: any Transaction) throws {
        try transaction.execute(
            """
            UPDATE processing_jobs
            SET state = \(JobState.done), failure = NULL, detail = NULL, owner = NULL, lease = NULL, updated_at = \(clock.now())
            WHERE original_id = \(original) AND priority = \(JobPriority.film)
            """)
    }
}
