import Core

/// How much waits, and for how long.
struct JobCensus: Sendable, Equatable {
    struct Line: Sendable, Equatable {
        var waiting = 0
        /// Since when the first of them waits.
        var oldest: Timestamp?
    }

    var lines: [JobPriority: Line] = [:]
    var running = 0
}

extension JobStore {
    /// Counts no further than `limit` of each priority.
    func census(limit: Int, in transaction: any Transaction) throws -> JobCensus {
        var census = JobCensus()
        for priority in JobPriority.allCases {
            let row = try transaction.first(
                """
                SELECT COUNT(*) AS jobs, MIN(updated_at) AS oldest FROM (
                    SELECT updated_at FROM processing_jobs WHERE state = 'queued' AND priority = \(priority) LIMIT \(limit)
                ) AS waiting
                """)
            guard let row else { continue }
            census.lines[priority] = .init(waiting: try row.get("jobs"), oldest: try row.optional("oldest"))
        }
        let row = try transaction.first("SELECT COUNT(*) AS jobs FROM processing_jobs WHERE state = 'running'")
        census.running = try row?.get("jobs") ?? 0
        return census
    }
}
