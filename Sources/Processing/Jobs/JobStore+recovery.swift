import Core

extension JobStore {
    /// Ends every lease: whoever worked on the jobs is gone. Only for the sole worker of a database.
    func reclaimAll(in transaction: any Transaction) throws {
        let now = clock.now()
        try transaction.execute(
            """
            UPDATE processing_jobs SET due_at = \(now), owner = NULL, lease = NULL, updated_at = \(now)
            WHERE state = \(JobState.running)
            """)
    }

    /// Ends jobs whose workers have vanished so often that the file itself must be to blame.
    /// - Returns: at most `limit` of them, now failed.
    func failExhausted(limit: Int, in transaction: any Transaction) throws -> [ProcessingJob] {
        let now = clock.now()
        let rows = try transaction.query(
            """
            SELECT * FROM processing_jobs
            WHERE state = \(JobState.running) AND due_at <= \(now)
                AND interruptions >= \(RetryPolicy.maxInterruptions)
            ORDER BY due_at LIMIT \(limit)
            """)
        return try rows.map { row in
            let job = try Self.job(row)
            try transaction.execute(
                """
                UPDATE processing_jobs
                SET state = \(JobState.failed), failure = \(RetryPolicy.fatal.code), owner = NULL, lease = NULL, updated_at = \(now)
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
