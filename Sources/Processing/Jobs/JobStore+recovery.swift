import Core

extension JobStore {
    /// Puts every running job back, without counting the attempt against it: whoever ran it is gone.
    /// Only for the sole worker of a database.
    func reclaimAll(in transaction: any Transaction) throws {
        let now = clock.now()
        try transaction.execute(
            """
            UPDATE processing_jobs
            SET state = \(JobState.queued), attempts = attempts - 1, due_at = \(now), owner = NULL, lease = NULL,
                updated_at = \(now)
            WHERE state = \(JobState.running)
            """)
    }

    /// Ends jobs whose worker vanished during the last attempt.
    /// - Returns: at most `limit` of them, now failed.
    func failExhausted(limit: Int, in transaction: any Transaction) throws -> [ProcessingJob] {
        let now = clock.now()
        let rows = try transaction.query(
            """
            SELECT * FROM processing_jobs
            WHERE state = \(JobState.running) AND due_at <= \(now) AND attempts >= \(RetryPolicy.maxAttempts)
            ORDER BY due_at LIMIT \(limit)
            """)
        return try rows.map { row in
            let job = try Self.job(row)
            try transaction.execute(
                """
                UPDATE processing_jobs
                SET state = \(JobState.failed), failure = \("internal"), owner = NULL, lease = NULL, updated_at = \(now)
                WHERE id = \(job.id)
                """)
            return job
        }
    }

    /// How many jobs wait, counted no further than `limit`.
    func depth(limit: Int, in transaction: any Transaction) throws -> Int {
        let row = try transaction.first(
            """
            SELECT COUNT(*) AS depth FROM (
                SELECT 1 FROM processing_jobs WHERE state = \(JobState.queued) LIMIT \(limit)
            ) AS waiting
            """)
        return try row?.get("depth") ?? 0
    }
}
