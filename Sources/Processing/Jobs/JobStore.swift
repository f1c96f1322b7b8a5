public import Core

/// The job table: who works on what until when, and what comes next.
///
/// `due_at` is when a queued job may be claimed, and when a running one's lease ends: either way, from then on it is
/// anybody's.
public struct JobStore: Sendable {
    let clock: any WallClock
    let bell = JobBell()

    /// A store that reads the time from a clock.
    public init(clock: any WallClock = SystemWallClock()) { self.clock = clock }

    /// Due for every worker, also for one whose clock is behind ours.
    static let atOnce = Timestamp(milliseconds: 0)
    /// Wakes the workers of other processes.
    public static let channel = "jobs"

    /// Takes the most urgent, then oldest job that is due; those that another worker is just taking are passed over.
    /// - Parameter owner: the worker's name, for people reading the table.
    func claim(by owner: String, lease duration: Duration, in transaction: any Transaction) throws -> ClaimedJob? {
        let now = clock.now()
        guard
            let row = try transaction.first(
                """
                SELECT * FROM processing_jobs WHERE \(sql: Self.claimable(at: now))
                ORDER BY priority DESC, created_at, id LIMIT 1 \(sql: transaction.dialect.takingUnlocked)
                """)
        else { return nil }
        let claim = try Self.claim(row)
        let changed = try transaction.execute(
            """
            UPDATE processing_jobs
            SET state = \(JobState.running), attempts = \(claim.attempt), interruptions = \(claim.interruptions),
                due_at = \(now + duration), owner = \(owner), lease = \(claim.lease), updated_at = \(now)
            WHERE id = \(claim.job.id) AND \(sql: Self.claimable(at: now))
            """)
        return changed == 1 ? claim : nil
    }

    /// Prolongs a claim; false when it is no longer ours.
    func heartbeat(_ claim: ClaimedJob, lease duration: Duration, in transaction: any Transaction) throws -> Bool {
        let now = clock.now()
        return try update(claim, "due_at = \(now + duration)", at: now, in: transaction)
    }

    func standing(of claim: ClaimedJob, in transaction: any Transaction) throws -> LeaseStanding {
        let row = try transaction.first("SELECT lease FROM processing_jobs WHERE id = \(claim.job.id)")
        guard let row else { return .gone }
        return try row.optional("lease", as: String.self) == claim.lease ? .held : .lost
    }

    /// Records that everything is done.
    func complete(_ claim: ClaimedJob, in transaction: any Transaction) throws -> Bool {
        try update(
            claim, "state = \(JobState.done), owner = NULL, lease = NULL, failure = NULL", at: clock.now(), in: transaction)
    }

    /// Gives a claim back untried: the worker is going down.
    func release(_ claim: ClaimedJob, in transaction: any Transaction) throws {
        let now = clock.now()
        let change: SQL = """
            state = \(JobState.queued), attempts = attempts - 1, due_at = \(Self.atOnce), owner = NULL, lease = NULL
            """
        if try update(claim, change, at: now, in: transaction) { announce(in: transaction) }
    }

    /// Records a setback: the job waits for its next attempt, or is over.
    /// - Returns: the failure to announce when it is over.
    func fail(_ claim: ClaimedJob, _ setback: Setback, in transaction: any Transaction) throws -> ProcessingFailure? {
        let now = clock.now()
        let crashes = claim.crashes + (setback == .crashed(wasProven: true) ? 1 : 0)
        switch RetryPolicy.verdict(on: setback, attempt: claim.attempt, crashes: crashes) {
        case .retry(let pause):
            let change: SQL = """
                state = \(JobState.queued), due_at = \(now + pause), crashes = \(crashes), owner = NULL, lease = NULL
                """
            _ = try update(claim, change, at: now, in: transaction)
            return nil
        case .postpone(let pause):
            let change: SQL = """
                state = \(JobState.queued), attempts = attempts - 1, due_at = \(now + pause), owner = NULL, lease = NULL
                """
            _ = try update(claim, change, at: now, in: transaction)
            return nil
        case .final(let failure):
            let change: SQL = """
                state = \(JobState.failed), crashes = \(crashes), failure = \(failure.code), owner = NULL, lease = NULL
                """
            return try update(claim, change, at: now, in: transaction) ? failure : nil
        }
    }

    private func update(
        _ claim: ClaimedJob, _ change: SQL, at now: Timestamp, in transaction: any Transaction
    ) throws -> Bool {
        try transaction.execute(
            """
            UPDATE processing_jobs SET \(sql: change), updated_at = \(now)
            WHERE id = \(claim.job.id) AND lease = \(claim.lease)
            """) == 1
    }

    private static func claimable(at now: Timestamp) -> SQL {
        """
        due_at <= \(now) AND (
            state = \(JobState.queued)
            OR state = \(JobState.running) AND interruptions < \(RetryPolicy.maxInterruptions)
        )
        """
    }

    /// A job that is still running lost its worker without a word: that is no attempt, but not forgotten either.
    private static func claim(_ row: Row) throws -> ClaimedJob {
        let interruptions = try row.get("state", as: JobState.self) == .running ? 1 : 0
        return ClaimedJob(
            job: try job(row), lease: RandomToken.secret(bytes: 12),
            attempt: try row.get("attempts", as: Int.self) + 1 - interruptions,
            interruptions: try row.get("interruptions", as: Int.self) + interruptions, crashes: try row.get("crashes"))
    }

    static func job(_ row: Row) throws -> ProcessingJob {
        ProcessingJob(
            id: try row.get("id"), originalID: try row.get("original_id"), photoID: try row.get("photo_id"),
            sessionID: try row.get("session_id"), objectKey: try row.get("object_key"),
            filename: try row.get("filename"), recipe: try JSON.decode(from: try row.get("recipe", as: String.self)),
            sha256: try row.optional("sha256"))
    }
}
