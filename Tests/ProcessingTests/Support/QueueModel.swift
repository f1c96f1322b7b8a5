import Core

@testable import Processing

/// The queue's rule without a database.
struct QueueModel {
    struct Job: Equatable {
        var number: Int
        var session: SessionID
        var priority: JobPriority
    }

    /// In the order in which they were queued.
    private(set) var waiting: [Job] = []
    private var order = ClaimOrder()

    mutating func add(_ job: Job) { waiting.append(job) }

    func has(_ priority: JobPriority) -> Bool { waiting.contains { $0.priority == priority } }

    mutating func claim(_ role: DecoderRole = .general) -> Job? {
        let turn = order.turn(role)
        guard let job = next(turn) else { return nil }
        waiting.removeAll { $0 == job }
        order.claimed(job.session, job.priority, role)
        return job
    }

    private func next(_ turn: ClaimOrder.Turn) -> Job? {
        for priority in turn.priorities {
            let all = waiting.filter { $0.priority == priority }
            let sessions = Set(all.map(\.session)).sorted { $0.description < $1.description }
            let last = turn.last[priority]?.description ?? ""
            guard let session = sessions.first(where: { $0.description > last }) ?? sessions.first else { continue }
            return all.first { $0.session == session }
        }
        return nil
    }
}
