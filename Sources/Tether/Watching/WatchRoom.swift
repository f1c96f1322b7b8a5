import Dispatch

/// Counts who may still come in, for threads.
struct WatchRoom: Sendable {
    private let places: DispatchSemaphore

    init(_ count: Int) { places = DispatchSemaphore(value: count) }

    /// Waits for a place.
    /// - Returns: whether there was one in time.
    func enter(within seconds: Double) -> Bool { places.wait(timeout: .now() + seconds) == .success }

    func leave() { places.signal() }
}
