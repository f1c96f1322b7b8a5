import Core
import NIOConcurrencyHelpers
import NIOCore

/// Finds what a client of Socket.IO was before it lost its connection: in the book, or, if nobody has noticed the loss yet, at the
/// old connection, which ends by that. May be used from anywhere.
final class Recoveries: Sendable {
    private struct State {
        var book: RecoveryBook
        /// Those who are here, by their secrets.
        var present: [String: NIOLoopBound<SocketIOWire>] = [:]
    }

    private let state: NIOLockedValueBox<State>

    /// - Parameter limit: clients that left something, at most.
    init(limit: Int) { state = NIOLockedValueBox(State(book: RecoveryBook(limit: limit))) }

    /// A client is here. To be called on its event loop.
    func arrived(_ wire: SocketIOWire, as pid: String, on eventLoop: any EventLoop) {
        let wire = NIOLoopBound(wire, eventLoop: eventLoop)
        state.withLockedValue { $0.present[pid] = wire }
    }

    /// A client is gone.
    /// - Parameter entry: what it may come back to; `nil`: it was sent away, or went by itself.
    func left(_ pid: String, _ entry: RecoveryBook.Entry?, at now: NIODeadline = .now()) {
        state.withLockedValue { state in
            state.present[pid] = nil
            if let entry { state.book.keep(entry, as: pid, at: now) }
        }
    }

    /// Takes what a client left, if it may have it.
    func claim(
        _ pid: String, at now: NIODeadline = .now(), if mayHave: @escaping @Sendable (RecoveryBook.Entry) -> Bool
    ) async throws -> RecoveryBook.Entry? {
        if let wire = state.withLockedValue({ $0.present[pid] }) {
            let entry = try await wire.eventLoop.submit { wire.value.giveUp(if: mayHave) }.get()
            if let entry { return entry }
        }
        return state.withLockedValue { $0.book.take(pid, at: now, if: mayHave) }
    }
}
