import Foundation
import Synchronization
import TestSupport

/// Asks a server all the time whether it is alive, and notes how long each answer took.
final class Pulse: Sendable {
    /// What was heard.
    struct Record: Sendable {
        /// How long each answer took, in the order of asking.
        var times: [Duration] = []
        /// What came instead of an answer.
        var faults: [String] = []

        var worst: Duration { times.max() ?? .zero }
        /// The time within which all but one of a hundred answers came.
        var nearlyWorst: Duration { times.isEmpty ? .zero : times.sorted()[(times.count - 1) * 99 / 100] }
    }

    private let record = Mutex(Record())
    private let task = Mutex<Task<Void, Never>?>(nil)

    init(_ api: API, every pause: Duration = .milliseconds(10)) {
        let asking = Task { [weak self] in
            while !Task.isCancelled {
                guard await self?.ask(api) != nil else { return }
                try? await Task.sleep(for: pause)
            }
        }
        task.withLock { $0 = asking }
    }

    deinit { task.withLock { $0?.cancel() } }

    private func ask(_ api: API) async {
        let start = ContinuousClock.now
        do {
            let status = try await api.get("/health/live").status
            let time = start.duration(to: .now)
            record.withLock { $0.times.append(time); if status != 200 { $0.faults.append("\(status)") } }
        } catch {
            if !Task.isCancelled { record.withLock { $0.faults.append("\(error)") } }
        }
    }

    /// Ends the asking.
    func stop() async -> Record {
        let asking = task.withLock { $0 }
        asking?.cancel()
        await asking?.value
        return record.withLock { $0 }
    }
}
