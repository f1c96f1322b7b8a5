import Core

/// A job this worker holds. The lease is new at every claim, so that a result of an older claim is told apart.
struct ClaimedJob: Sendable, Equatable {
    var job: ProcessingJob
    /// Which part of the work comes next.
    var priority: JobPriority
    /// This claim's secret.
    var lease: String
    /// This attempt's number, from 1. One that was interrupted begins again under the same.
    var attempt: Int
    /// How often a worker vanished on this file before, its fault or not.
    var interruptions: Int
    /// How many decoders this file has cost before: they died, or were killed because they took too long.
    var crashes: Int
}

/// What the database says about a claim.
enum LeaseStanding: Sendable, Equatable {
    case held
    /// Another worker took the job over, or it was put back.
    case lost
    /// The job was dropped, cancelled or has ended; nobody works on it.
    case gone
}

/// Where a job is.
enum JobState: String, SQLConvertible, CaseIterable, Sendable { case queued, running, done, failed, cancelled }
