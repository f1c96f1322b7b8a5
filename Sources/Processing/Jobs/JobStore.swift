public import Core

/// The job table: who works on what until when, and what comes next.
///
/// `due_at` is when a queued job may be claimed, and when a running one's lease ends. `updated_at` is when the job came
/// into its state, or to its next part: of a queued one, since when it waits. A lease that is prolonged leaves it alone.
public struct JobStore: Sendable {
    let clock: any WallClock
    let bell = JobBell()

    /// A store that reads the time from a clock.
    public init(clock: any WallClock = SystemWallClock()) { self.clock = clock }

    /// Due for every worker, also for one whose clock is behind ours.
    static let atOnce = Timestamp(milliseconds: 0)
    /// Wakes the workers of other processes.
    public static let channel = "jobs"

    /// Takes the job whose turn it is, as `ClaimOrder` says; those that another worker is just taking are passed over.
    /// - Parameter owner: the worker's name, for people reading the table.
    func claim(
        by owner: String, _ turn: ClaimOrder.Turn = .init(), lease duration: Duration, in transaction: any Transaction
    ) throws -> ClaimedJob? {
        let now = clock.now()
        for priority in turn.priorities {
            guard let row = try next(priority, after: turn.last[priority], at: now, transaction) else { continue }
            let claim = try Self.claim(row)
            let changed = try transaction.execute(
                """
                UPDATE processing_jobs
                SET state = \(JobState.running), attempts = \(claim.attempt), due_at = \(now + duration), owner = \(owner),
                    lease = \(claim.lease), updated_at = \(now)
                WHERE id = \(claim.job.id) AND state = \(JobState.queued)
                """)
            return changed == 1 ? claim : nil
        }
        return nil
    }

    /// The first job of the session whose turn it is: one step in an index, however much waits.
    private func next(
        _ priority: JobPriority, after last: SessionID?, at now: Timestamp, _ transaction: any Transaction
    ) throws -> Row? {
        guard let last else { return try first(priority, of: "1 = 1", at: now, transaction) }
        return try first(priority, of: "session_id > \(last)", at: now, transaction)
            ?? first(priority, of: "session_id <= \(last)", at: now, transaction)
    }

    private func first(
        _ priority: JobPriority, of sessions: SQL, at now: Timestamp, _ transaction: any Transaction
    ) throws -> Row? {
        try transaction.first(Self.claimQuery(priority, of: sessions, at: now, transaction.dialect))
    }

    /// The order is that of an index, which holds what is queued and nothing else.
    static func claimQuery(
        _ priority: JobPriority, of sessions: SQL, at now: Timestamp, _ dialect: SQLDialect
    ) -> SQL {
        """
        SELECT * FROM processing_jobs
        WHERE state = 'queued' AND priority = \(priority) AND \(sql: sessions) AND due_at <= \(now)
        ORDER BY session_id, due_at, updated_at, id LIMIT 1 \(sql: dialect.takingUnlocked)
        """
    }

    /// Whether anything more urgent than a re-render waits.
    func isAnyWaiting(in transaction: any Transaction) throws -> Bool {
        let now = clock.now()
        return try [JobPriority.thumbnail, .renditions].contains { priority in
            try transaction.exists(
                """
                SELECT id FROM processing_jobs WHERE state = 'queued' AND priority = \(priority) AND due_at <= \(now) LIMIT 1
                """)
        }
    }

    /// Prolongs a claim; false when it is no longer ours.
    func heartbeat(_ claim: ClaimedJob, lease duration: Duration, in transaction: any Transaction) throws -> Bool {
        try transaction.execute(
            """
            UPDATE processing_jobs SET due_at = \(clock.now() + duration) WHERE id = \(claim.job.id) AND lease = \(claim.lease)
            """) == 1
    }

    func standing(of claim: ClaimedJob, in transaction: any Transaction) throws -> LeaseStanding {
        let row = try transaction.first("SELECT lease, state FROM processing_jobs WHERE id = \(claim.job.id)")
        guard let row else { return .gone }
        if try row.optional("lease", as: String.self) == claim.lease { return .held }
        switch try row.get("state", as: JobState.self) {
        case .queued, .running: return .lost
        case .done, .failed, .cancelled: return .gone
        }
    }

    /// Records that everything is done.
    func complete(_ claim: ClaimedJob, in transaction: any Transaction) throws -> Bool {
        let wished = claim.priority == .wish ? claim.job.recipe.hash : nil
        let change: SQL = """
            state = \(JobState.done), owner = NULL, lease = NULL, failure = NULL, detail = NULL, avif_recipe = \(wished)
            """
        return try update(claim, change, at: clock.now(), in: transaction)
    }

    /// Records that the thumbnail is there; the claim goes on to the rest.
    func advance(_ claim: ClaimedJob, in transaction: any Transaction) throws -> Bool {
        try update(claim, "priority = \(JobPriority.renditions)", at: clock.now(), in: transaction)
    }

    /// Records that the thumbnail is there, and puts the rest back into the queue.
    func handOver(_ claim: ClaimedJob, in transaction: any Transaction) throws -> Bool {
        let change: SQL = """
            state = \(JobState.queued), priority = \(JobPriority.renditions), attempts = attempts - 1,
            due_at = \(Self.atOnce), owner = NULL, lease = NULL
            """
        let isOurs = try update(claim, change, at: clock.now(), in: transaction)
        if isOurs { announce(in: transaction) }
        return isOurs
    }

    /// Gives a claim back untried: the worker is going down.
    func release(_ claim: ClaimedJob, in transaction: any Transaction) throws {
        let now = clock.now()
        let change: SQL = """
            state = \(JobState.queued), attempts = attempts - 1, due_at = \(Self.atOnce), owner = NULL, lease = NULL
            """
        if try update(claim, change, at: now, in: transaction) { announce(in: transaction) }
    }

    /// Records a setback: the job waits for its next attempt, or is over. A wish that cannot be met leaves a job that is done.
    /// - Returns: the failure to announce when it is over.
    func fail(_ claim: ClaimedJob, _ setback: Setback, in transaction: any Transaction) throws -> ProcessingFailure? {
        let now = clock.now()
        let crashes = claim.crashes + (setback.costsDecoder ? 1 : 0)
        switch RetryPolicy.verdict(on: setback, attempt: claim.attempt, crashes: crashes) {
        case .retry(let pause):
            let failure = RetryPolicy.failure(for: setback)
            let change: SQL = """
                state = \(JobState.queued), due_at = \(now + pause), crashes = \(crashes), failure = \(failure.code),
                detail = \(failure.detail), owner = NULL, lease = NULL
                """
            _ = try update(claim, change, at: now, in: transaction)
            return nil
        case .postpone(let pause):
            let change: SQL = """
                state = \(JobState.queued), attempts = attempts - 1, due_at = \(now + pause), owner = NULL, lease = NULL
                """
            _ = try update(claim, change, at: now, in: transaction)
            return nil
        case .final(let failure) where claim.priority == .wish:
            return try complete(claim, in: transaction) ? failure : nil
        case .final(let failure):
            let change: SQL = """
                state = \(JobState.failed), crashes = \(crashes), failure = \(failure.code), detail = \(failure.detail),
                owner = NULL, lease = NULL
                """
            return try update(claim, change, at: now, in: transaction) ? failure : nil
        }
    }

    func update(
        _ claim: ClaimedJob, _ change: SQL, at now: Timestamp, in transaction: any Transaction
    ) throws -> Bool {
        try transaction.execute(
            """
            UPDATE processing_jobs SET \(sql: change), updated_at = \(now)
            WHERE id = \(claim.job.id) AND lease = \(claim.lease)
            """) == 1
    }

    private static func claim(_ row: Row) throws -> ClaimedJob {
        ClaimedJob(
            job: try job(row), priority: try row.get("priority"), lease: RandomToken.secret(bytes: 12),
            attempt: try row.get("attempts", as: Int.self) + 1, interruptions: try row.get("interruptions"),
            crashes: try row.get("crashes"))
    }

    static func job(_ row: Row) throws -> ProcessingJob {
        ProcessingJob(
            id: try row.get("id"), originalID: try row.get("original_id"), photoID: try row.get("photo_id"),
            sessionID: try row.get("session_id"), objectKey: try row.get("object_key"),
            filename: try row.get("filename"), recipe: try JSON.decode(from: try row.get("recipe", as: String.self)),
            sha256: try row.optional("sha256"))
    }
}
