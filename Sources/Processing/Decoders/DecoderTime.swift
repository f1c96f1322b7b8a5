import Synchronization

/// How long a decoder may still take for a request. While its caller is busy with what has come, the time stands still: a
/// slow store is no fault of the file.
final class DecoderTime: Sendable {
    private struct State {
        var deadline: ContinuousClock.Instant
        var pausedAt: ContinuousClock.Instant?
    }

    private let state: Mutex<State>
    /// How often a standing clock is looked at.
    private let interval: Duration = .milliseconds(250)

    init(_ limit: Duration) { state = Mutex(State(deadline: .now + limit)) }

    func pause() { state.withLock { $0.pausedAt = .now } }

    func goOn() {
        state.withLock { state in
            guard let pausedAt = state.pausedAt else { return }
            state.deadline += pausedAt.duration(to: .now)
            state.pausedAt = nil
        }
    }

    /// Waits until there is no time left; false when nobody asks any more.
    func runsOut() async -> Bool {
        while !Task.isCancelled {
            let left = state.withLock { $0.pausedAt == nil ? ContinuousClock.now.duration(to: $0.deadline) : interval }
            if left <= .zero { return true }
            do { try await Task.sleep(for: left) } catch { return false }
        }
        return false
    }
}
