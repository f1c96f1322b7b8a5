import Dispatch

/// Counts who may still come in, for threads.
struct WatchRoom: Sendable {
    private let places: DispatchSemaphore

    init(_ count: Int) {
        // One that is let go with fewer places than it began with ends the process, so it begins with none.
        places = DispatchSemaphore(value: 0)
        for _ in 0..<count { places.signal() }
    }

    /// Waits for a place.
    /// - Returns: whether there was one in time.
    func enter(within seconds: Double) -> Bool { places.wait(timeout: .now() + seconds) == .success }

    func leave() { places.signal() }
}
