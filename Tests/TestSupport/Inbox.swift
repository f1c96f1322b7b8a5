import Synchronization

/// A bounded list of what has come in, with a way to wait for what is yet to come.
public final class Inbox<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var isClosed = false
        var version = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: elements kept; what comes after them is dropped.
    public init(limit: Int = 20_000) { self.limit = limit }

    public var elements: [Element] { state.withLock { $0.elements } }
    public var isClosed: Bool { state.withLock { $0.isClosed } }

    public func push(_ element: Element) {
        change { [limit] state in
            if state.elements.count < limit { state.elements.append(element) }
        }
    }

    public func close() { change { $0.isClosed = true } }

    /// Waits until `look` finds what it wants.
    /// - Throws: `TimedOut`, or what `look` throws.
    public func wait<Value>(
        for what: String, within limit: Duration = .seconds(30),
        _ look: (_ elements: [Element], _ isClosed: Bool) throws -> Value?
    ) async throws -> Value {
        let deadline = ContinuousClock.now + limit
        let alarm = Task {
            try await Task.sleep(until: deadline, clock: .continuous)
            change { _ in }
        }
        defer { alarm.cancel() }
        while true {
            let (elements, isClosed, version) = state.withLock { ($0.elements, $0.isClosed, $0.version) }
            if let value = try look(elements, isClosed) { return value }
            guard ContinuousClock.now < deadline else { throw TimedOut(what) }
            await changed(since: version)
        }
    }

    private func changed(since version: Int) async {
        await withCheckedContinuation { continuation in
            let isLate = state.withLock { state in
                if state.version == version { state.waiters.append(continuation) }
                return state.version != version
            }
            if isLate { continuation.resume() }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let waiters = state.withLock { state in
            body(&state)
            state.version += 1
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
