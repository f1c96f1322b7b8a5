import Core

extension JobStore {
    /// Those of some hundreds of wishes that a job can be queued for: it has made everything that the recipe asks for, AVIF is
    /// not among it, and has not been tried.
    func grantable(_ wishes: [RenditionWish], in transaction: any Transaction) throws -> [ProcessingJob] {
        let wanted = Dictionary(grouping: wishes, by: \.originalID).mapValues { Set($0.map(\.recipe)) }
        let rows = try transaction.query(
            "SELECT * FROM processing_jobs WHERE original_id IN \(list: Array(wanted.keys)) AND state = \(JobState.done)")
        return try rows.compactMap { row in
            let job = try Self.job(row)
            let recipe = job.recipe.hash
            guard wanted[job.originalID]?.contains(recipe) == true, !job.recipe.formats.contains(.avif),
                try row.optional("avif_recipe", as: String.self) != recipe
            else { return nil }
            return job
        }
    }

    /// Puts jobs that are done back into the queue, behind everything else; those that are not any more are left alone.
    func grant(_ jobs: [ProcessingJob], in transaction: any Transaction) throws {
        var changed = 0
        for job in jobs {
            changed += try transaction.execute(
                """
                UPDATE processing_jobs
                SET state = \(JobState.queued), priority = \(JobPriority.wish), attempts = 0, crashes = 0, interruptions = 0,
                    due_at = \(Self.atOnce), updated_at = \(clock.now())
                WHERE id = \(job.id) AND state = \(JobState.done) AND recipe = \(try JSON.text(job.recipe))
                """)
        }
        if changed > 0 { announce(in: transaction) }
    }

    /// Ends a wish unmet, which will not be tried again: its job is done, as it was before.
    /// - Returns: whether there was one.
    @discardableResult
    func dropWish(where condition: SQL, in transaction: any Transaction) throws -> Bool {
        let row = try transaction.first(
            """
            SELECT * FROM processing_jobs
            WHERE \(sql: condition) AND priority = \(JobPriority.wish) AND state IN \(list: Self.unfinished)
            """)
        guard let job = try row.map(Self.job) else { return false }
        return try transaction.execute(
            """
            UPDATE processing_jobs
            SET state = \(JobState.done), avif_recipe = \(job.recipe.hash), failure = NULL, detail = NULL, owner = NULL,
                lease = NULL, updated_at = \(clock.now())
            WHERE id = \(job.id) AND priority = \(JobPriority.wish) AND state IN \(list: Self.unfinished)
            """) == 1
    }
}
