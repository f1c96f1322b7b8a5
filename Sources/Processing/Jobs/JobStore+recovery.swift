import Core

extension JobStore {
    /// Ends every lease: whoever worked on the jobs is gone. Only for the sole worker of a database.
    func reclaimAll(in transaction: any Transaction) throws {
        try transaction.execute("UPDATE processing_jobs SET due_at = \(Self.atOnce) WHERE state = 'running'")
        try requeueLost(in: transaction)
    }

    /// Whether a lease has run out.
    func hasLost(in transaction: any Transaction) throws -> Bool {
        try transaction.exists(
            "SELECT id FROM processing_jobs WHERE state = 'running' AND due_at <= \(clock.now()) LIMIT 1")
    }

    /// Puts jobs back whose workers have vanished without a word: that is no attempt, but not forgotten either.
    func requeueLost(in transaction: any Transaction) throws {
        let now = clock.now()
        let changed = try transaction.execute(
            """
            UPDATE processing_jobs
            SET state = \(JobState.queued), attempts = attempts - 1, interruptions = interruptions + 1,
                due_at = \(Self.atOnce), owner = NULL, lease = NULL, updated_at = \(now)
            WHERE state = 'running' AND due_at <= \(now) AND interruptions < \(RetryPolicy.maxInterruptions)
            """)
        if changed > 0 { announce(in: transaction) }
    }

    /// Ends jobs whose workers have vanished so often that the file itself must be to blame.
    /// - Returns: at most `limit` of them, now failed, but for those whose photos lack nothing.
    func failExhausted(limit: Int, in transaction: any Transaction) throws -> [ProcessingJob] {
        let now = clock.now()
        let rows = try transaction.query(
            """
            SELECT * FROM processing_jobs
            WHERE state = 'running' AND due_at <= \(now)
                AND interruptions >= \(RetryPolicy.maxInterruptions)
            ORDER BY due_at LIMIT \(limit)
            """)
        return try rows.compactMap { row in
            let job = try Self.job(row)
            let priority: JobPriority = try row.get("priority")
            if try dropWish(where: "id = \(job.id)", in: transaction) { return nil }
            try transaction.execute(
                """
                UPDATE processing_jobs
                SET state = \(JobState.failed), failure = \(RetryPolicy.fatal.code), detail = \(RetryPolicy.fatal.detail),
                    owner = NULL, lease = NULL, updated_at = \(now)
                WHERE id = \(job.id)
                """)
            return priority.isExtra ? nil : job
        }
    }
}
