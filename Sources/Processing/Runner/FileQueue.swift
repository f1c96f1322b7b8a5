import Dispatch

/// A thread for file work, so that none of it blocks Swift's cooperative pool. One thing at a time.
struct FileQueue: Sendable {
    private let queue: DispatchQueue

    init(_ label: String) { self.queue = DispatchQueue(label: label) }

    func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: work)) }
        }
    }
}
