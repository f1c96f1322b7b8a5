import Dispatch

/// Opens once. Bodies wait for it on their connection's thread, tests without blocking theirs.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func open() { semaphore.signal() }

    /// Waits on this thread, at most ten seconds.
    func wait() {
        _ = semaphore.wait(timeout: .now() + 10)
        semaphore.signal()
    }

    /// Waits without a thread of the cooperative pool.
    func passed() async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                self.wait()
                continuation.resume()
            }
        }
    }
}
