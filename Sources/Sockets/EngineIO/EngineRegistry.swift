import NIOCore
import Synchronization

/// A session that may be kept anywhere.
struct EngineSessionReference: Sendable {
    let eventLoop: any EventLoop
    private let session: NIOLoopBound<EngineSession>

    /// To be called on the session's event loop.
    init(_ session: EngineSession) {
        eventLoop = session.eventLoop
        self.session = NIOLoopBound(session, eventLoop: session.eventLoop)
    }

    /// Does something with the session: at once on its event loop, else by a hop that keeps the order.
    func run(_ body: @escaping @Sendable (EngineSession) -> Void) {
        if eventLoop.inEventLoop { body(session.value) } else { eventLoop.execute { body(session.value) } }
    }
}

/// The sessions that requests can find, by their identifiers.
final class EngineRegistry: Sendable {
    private struct State {
        var sessions: [String: EngineSessionReference] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    var count: Int { state.withLock { $0.sessions.count } }

    /// `false`: there is no room for it.
    func insert(_ session: EngineSessionReference, as id: String) -> Bool {
        state.withLock { state in
            guard !state.isClosed, state.sessions.count < limit else { return false }
            state.sessions[id] = session
            return true
        }
    }

    func remove(_ id: String) { _ = state.withLock { $0.sessions.removeValue(forKey: id) } }

    subscript(id: String) -> EngineSessionReference? { state.withLock { $0.sessions[id] } }

    /// Lets no more sessions in; answers those that there are.
    func close() -> [EngineSessionReference] {
        state.withLock { state in
            state.isClosed = true
            return Array(state.sessions.values)
        }
    }
}
