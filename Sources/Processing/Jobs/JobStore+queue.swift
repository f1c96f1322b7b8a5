public import Core

extension JobStore: JobQueue {
    /// Adds a job; nothing happens when the job or one for the same original is there already.
    public func enqueue(_ job: ProcessingJob, in transaction: any Transaction) throws {
        let now = clock.now()
        try transaction.execute(
            """
            INSERT INTO processing_jobs (
                id, original_id, photo_id, session_id, object_key, filename, sha256, recipe, state, priority, attempts,
                crashes, due_at, created_at, updated_at
            ) VALUES (
                \(job.id), \(job.originalID), \(job.photoID), \(job.sessionID), \(job.objectKey), \(job.filename),
                \(job.sha256), \(try JSON.text(job.recipe)), \(JobState.queued), \(JobPriority.thumbnail),
                \(0), \(0), \(now + Self.tolerance), \(now), \(now)
            ) ON CONFLICT DO NOTHING
            """)
        announce(in: transaction)
    }

    /// Puts the failed or cancelled job of a photo back with fresh attempts; false when there is none.
    public func requeue(_ photo: PhotoID, in transaction: any Transaction) throws -> Bool {
        // A film that could not be encoded anew is no failure of the photo's.
        try requeue(where: "photo_id = \(photo) AND priority <> \(JobPriority.film)", in: transaction)
    }

    /// The same of one job.
    func requeue(_ job: JobID, in transaction: any Transaction) throws -> Bool {
        try requeue(where: "id = \(job)", in: transaction)
    }

    private func requeue(where condition: SQL, in transaction: any Transaction) throws -> Bool {
        let changed = try transaction.execute(
            """
            UPDATE processing_jobs
            SET state = \(JobState.queued), attempts = 0, crashes = 0, interruptions = 0, failure = NULL, detail = NULL,
                due_at = \(Self.atOnce), updated_at = \(clock.now())
            WHERE \(sql: condition) AND state IN \(list: [JobState.failed, .cancelled])
            """)
        if changed > 0 { announce(in: transaction) }
        return changed > 0
    }

    /// Ends a job that waits or is being worked at; its worker notices by its lease. A wish is dropped, and its job done as before.
    /// - Returns: whether there was one.
    func cancel(_ job: JobID, in transaction: any Transaction) throws -> Bool {
        if try dropWish(where: "id = \(job)", in: transaction) { return true }
        return try transaction.execute(
            """
            UPDATE processing_jobs
            SET state = \(JobState.cancelled), failure = \(ProcessingFailure.cancelled.code),
                detail = \(ProcessingFailure.cancelled.detail), owner = NULL, lease = NULL, updated_at = \(clock.now())
            WHERE id = \(job) AND state IN \(list: [JobState.queued, .running])
            """) > 0
    }

    /// Drops the job of an original that waits or has failed; a running one goes on to its end, unless it is for something
    /// extra: that would come when nobody looks for what has to go with the original any more.
    public func cancel(_ original: OriginalID, in transaction: any Transaction) throws {
        try dropWish(where: "original_id = \(original)", in: transaction)
        try dropFilm(of: original, in: transaction)
        try transaction.execute(
            """
            DELETE FROM processing_jobs
            WHERE original_id = \(original) AND state IN \(list: [JobState.queued, .failed, .cancelled])
            """)
    }

    public func forget(_ originals: [OriginalID], in transaction: any Transaction) throws {
        try transaction.execute("DELETE FROM processing_jobs WHERE original_id IN \(list: originals)")
    }

    /// A worker writes what it makes into the session that its job named when it took it: it is waited for.
    public func move(
        _ originals: [OriginalID], to session: SessionID, in transaction: any Transaction
    ) throws -> Bool {
        let busy = try transaction.query(
            """
            SELECT original_id FROM processing_jobs WHERE original_id IN \(list: originals) AND state IN \(list: Self.unfinished)
            """)
        guard busy.isEmpty else { return false }
        for table in ["processing_jobs", "renditions"] as [SQL] {
            try transaction.execute("UPDATE \(sql: table) SET session_id = \(session) WHERE original_id IN \(list: originals)")
        }
        return true
    }

    /// Drops all jobs of a session, running ones too: their results will find no job and vanish.
    public func cancelAll(of session: SessionID, in transaction: any Transaction) throws {
        try transaction.execute("DELETE FROM processing_jobs WHERE session_id = \(session)")
    }

    /// New jobs are due at once also for workers whose clocks are behind, and in turn with those that are tried again.
    private static let tolerance: Duration = .seconds(-60)

    /// There is work from the commit on, for this process and for others.
    func announce(in transaction: any Transaction) {
        transaction.notify(Self.channel)
        transaction.afterCommit { [bell] in bell.ring() }
    }
}
