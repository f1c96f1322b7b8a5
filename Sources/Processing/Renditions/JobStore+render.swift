public import Core

extension JobStore: RenderQueue {
    /// Puts the job of an original back by another recipe, or makes one. What still waits for its first time keeps its place;
    /// what a worker is at by another recipe is taken away from it, and so is what comes after everything else: it can come again.
    public func render(_ job: ProcessingJob, in transaction: any Transaction) throws {
        let now = clock.now()
        let recipe = try JSON.text(job.recipe)
        let changed = try transaction.execute(
            """
            UPDATE processing_jobs
            SET recipe = \(recipe), state = \(JobState.queued), attempts = 0, crashes = 0, interruptions = 0, failure = NULL,
                detail = NULL, due_at = \(Self.atOnce), owner = NULL, lease = NULL, updated_at = \(now),
                priority = CASE WHEN state IN \(list: Self.unfinished) AND priority NOT IN \(list: JobPriority.extras) THEN priority
                    ELSE \(JobPriority.rerender) END
            WHERE original_id = \(job.originalID)
                AND (state NOT IN \(list: Self.unfinished) OR recipe <> \(recipe) OR priority IN \(list: JobPriority.extras))
            """)
        if changed == 0 {
            try transaction.execute(
                """
                INSERT INTO processing_jobs (
                    id, original_id, photo_id, session_id, object_key, filename, sha256, recipe, state, priority, attempts,
                    crashes, due_at, created_at, updated_at
                ) VALUES (
                    \(job.id), \(job.originalID), \(job.photoID), \(job.sessionID), \(job.objectKey), \(job.filename),
                    \(job.sha256), \(recipe), \(JobState.queued), \(JobPriority.rerender), \(0), \(0), \(Self.atOnce), \(now), \(now)
                ) ON CONFLICT DO NOTHING
                """)
        }
        announce(in: transaction)
    }

    /// Turns first work to a recipe, and ends what was to be done again by others: the photo is as it was before.
    public func turn(_ session: SessionID, to recipe: Recipe, in transaction: any Transaction) throws {
        let now = clock.now()
        let recipe = try JSON.text(recipe)
        try transaction.execute(
            """
            UPDATE processing_jobs
            SET state = \(JobState.done), failure = NULL, detail = NULL, owner = NULL, lease = NULL, updated_at = \(now)
            WHERE session_id = \(session) AND state IN \(list: Self.unfinished) AND recipe <> \(recipe)
                AND priority IN \(list: [JobPriority.rerender] + JobPriority.extras)
            """)
        let changed = try transaction.execute(
            """
            UPDATE processing_jobs
            SET recipe = \(recipe), state = \(JobState.queued), attempts = 0, crashes = 0, interruptions = 0, failure = NULL,
                detail = NULL, due_at = \(Self.atOnce), owner = NULL, lease = NULL, updated_at = \(now)
            WHERE session_id = \(session) AND state IN \(list: Self.unfinished) AND recipe <> \(recipe)
            """)
        if changed > 0 { announce(in: transaction) }
    }

    static let unfinished = [JobState.queued, .running]
}
