import Synchronization

/// Wakes whoever waits for work. Rings are remembered, but never more than one per listener.
final class JobBell: Sendable {
    private struct State {
        var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    /// Tells every listener that there may be work.
    func ring() {
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield() }
    }

    /// Tells one listener.
    func ring(_ number: Int) { state.withLock { $0.listeners[number] }?.yield() }

    /// Rings from now on; the stream ends when `stop` is called with the same number.
    func listen() -> (number: Int, rings: AsyncStream<Void>) {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.next += 1
            state.listeners[state.next] = continuation
            return state.next
        }
        return (number, stream)
    }

    func stop(_ number: Int) {
        state.withLock { $0.listeners.removeValue(forKey: number) }?.finish()
    }
}
