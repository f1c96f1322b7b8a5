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

/// The sessions that requests can find, by their identifiers; and how many those have who are counted as one.
final class EngineRegistry: Sendable {
    private struct Entry {
        var session: EngineSessionReference
        var countedAs: String?
    }

    private struct State {
        var sessions: [String: Entry] = [:]
        /// Has an entry for those who have a session, and none else.
        var counts: [String: Int] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())
    private let limit: Int
    private let limitPerAddress: Int

    init(limit: Int, perAddress: Int) {
        self.limit = limit
        limitPerAddress = perAddress
    }

    var count: Int { state.withLock { $0.sessions.count } }

    /// - Parameter countedAs: `nil` for those who may have any number.
    /// - Throws: the refusal, if there is no room for it.
    func insert(_ session: EngineSessionReference, as id: String, countedAs: String?) throws(EngineRefusal) {
        let refusal: EngineRefusal? = state.withLock { state in
            guard !state.isClosed, state.sessions.count < limit else { return .full }
            if let countedAs {
                guard state.counts[countedAs, default: 0] < limitPerAddress else { return .tooManyFromAddress }
                state.counts[countedAs, default: 0] += 1
            }
            state.sessions[id] = Entry(session: session, countedAs: countedAs)
            return nil
        }
        if let refusal { throw refusal }
    }

    func remove(_ id: String) {
        state.withLock { state in
            guard let key = state.sessions.removeValue(forKey: id)?.countedAs, let count = state.counts[key] else { return }
            state.counts[key] = count > 1 ? count - 1 : nil
        }
    }

    subscript(id: String) -> EngineSessionReference? { state.withLock { $0.sessions[id]?.session } }

    /// Lets no more sessions in; answers those that there are.
    func close() -> [EngineSessionReference] {
        state.withLock { state in
            state.isClosed = true
            return state.sessions.values.map(\.session)
        }
    }
}
