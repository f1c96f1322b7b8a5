import Foundation
import Glibc

@testable import Processing

extension TestHouse {
    struct Overdue: Error {}

    /// Moves the clock past every back-off until an entry is there.
    func failUntilOver(_ entry: String, count: Int = 1) async throws {
        let clock = clock
        let moving = Task {
            while !Task.isCancelled {
                clock.advance(by: .seconds(2))
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        defer { moving.cancel() }
        try await recorder.wait(count: count, of: entry)
    }

    /// The process id of a scripted decoder that has stopped in the middle of a job.
    func holdingDecoder() async throws -> pid_t {
        try await poll {
            (try? String(contentsOfFile: folder.path + "/state/holding", encoding: .utf8)).flatMap { pid_t($0) }
        }
    }

    func waitForEnd(of process: pid_t) async throws { _ = try await poll { kill(process, 0) == -1 ? true : nil } }

    /// How many decoders were started.
    func starts() throws -> Int { try Data(contentsOf: URL(fileURLWithPath: folder.path + "/state/starts")).count }

    /// Looks until there is something, for things of the system that announce themselves to nobody.
    private func poll<Value>(_ look: () -> Value?) async throws -> Value {
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            if let value = look() { return value }
            try await Task.sleep(for: .milliseconds(2))
        }
        throw Overdue()
    }
}
