/// Decides which password is hashed now, which waits and which is refused: two semaphores as one value.
struct HashingLine<Job> {
    enum Arrival {
        /// Give the job a thread.
        case start
        /// The job is kept; a thread takes it when it is done with another.
        case wait
        /// Too many wait already.
        case refuse
    }

    private let runningLimit: Int
    private let waitingLimit: Int
    private var running = 0
    private var waiting: [Job] = []

    init(running: Int, waiting: Int) {
        self.runningLimit = running
        self.waitingLimit = waiting
    }

    mutating func arrive(_ job: Job) -> Arrival {
        if running < runningLimit {
            running += 1
            return .start
        }
        guard waiting.count < waitingLimit else { return .refuse }
        waiting.append(job)
        return .wait
    }

    /// A thread is done with a job.
    /// - Returns: its next one; with `nil` the thread ends.
    mutating func finished() -> Job? {
        if waiting.isEmpty {
            running -= 1
            return nil
        }
        return waiting.removeFirst()
    }
}
