import Core
import Foundation
import Glibc
import Logging
import Synchronization

/// Hears what other nodes notify, and notifies them, over one connection and thread of its own.
///
/// Notifications go out after the commit, together for all transactions since the last ones: inside a transaction NOTIFY
/// would hold a lock of the whole server until the commit is on the disk. The price is that one may get lost when a node
/// dies in between; followers are woken from time to time for that, and whenever the connection was interrupted.
final class ChangeListener: Sendable {
    private struct State {
        var board: ChangeBoard
        var wakes: [Int: AsyncStream<Void>.Continuation] = [:]
        var isRunning = false
        var isClosing = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    /// Tells our own notifications from those of others.
    private let node = UUID().uuidString
    private let address: PostgresAddress
    private let configuration: PostgresConfiguration
    private let logger: Logger
    private let state: Mutex<State>
    private let bell = SocketBell()

    init(_ address: PostgresAddress, _ configuration: PostgresConfiguration, logger: Logger) {
        self.address = address
        self.configuration = configuration
        self.logger = logger
        state = Mutex(State(board: ChangeBoard(poll: configuration.changePoll)))
    }

    /// An element at once, then whenever another node notified the channel or a poll is due.
    func changes(in channel: String) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        continuation.yield()
        let follower = state.withLock { state -> Int? in
            guard !state.isClosing else { return nil }
            let follower = state.board.follow(channel, now: .now)
            state.wakes[follower] = continuation
            return follower
        }
        guard let follower else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in self?.leave(follower) }
        start()
        return stream
    }

    /// Notifies other nodes, soon.
    func notify(_ channels: Set<String>) {
        state.withLock { $0.board.notify(channels) }
        start()
    }

    func close() async {
        await withCheckedContinuation { closer in
            let isOver = state.withLock { state in
                state.isClosing = true
                if state.isRunning { state.closers.append(closer) }
                return !state.isRunning
            }
            bell.ring()
            if isOver { closer.resume() }
        }
    }

    private func leave(_ follower: Int) {
        state.withLock { state in
            state.board.leave(follower)
            state.wakes[follower] = nil
        }
    }

    /// Sees to it that the thread runs and looks around.
    private func start() {
        let isNew = state.withLock { state in
            defer { state.isRunning = state.isRunning || !state.isClosing }
            return !state.isRunning && !state.isClosing
        }
        bell.ring()
        guard isNew else { return }
        let thread = Thread { [self] in work() }
        thread.name = "lumiere.listen"
        thread.start()
    }

    // MARK: On the thread

    private func work() {
        var failures = 0
        while !isClosing {
            do {
                let link = try ListeningLink(address, configuration)
                failures = 0
                wake { $0.missed(now: .now) }
                try listen(on: link)
            } catch {
                if failures == 0 && !isClosing {
                    logger.warning("changes are not heard", metadata: ["server": "\(address)", "error": "\(error)"])
                }
                failures += 1
                rest(for: Backoff.connecting.delay(after: failures, jitter: .random(in: 0...1)))
            }
        }
        finish()
    }

    private var isClosing: Bool { state.withLock { $0.isClosing } }

    /// - Throws: when the connection is lost.
    private func listen(on link: ListeningLink) throws {
        while true {
            let (channels, outgoing, isClosing) = state.withLock { ($0.board.channels, $0.board.takeOutgoing(), $0.isClosing) }
            let added = try link.listen(to: channels)
            for channel in outgoing { try link.notify(channel, from: node) }
            if isClosing { return }
            for channel in try link.heard(except: node).union(added) { wake { $0.heard(channel, now: .now) } }
            wake { $0.due(now: .now) }
            bell.wait(orReadable: link.socket, until: state.withLock { $0.board.nextPoll })
        }
    }

    /// Polls go on while nothing can be heard.
    private func rest(for duration: Duration) {
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end, !isClosing {
            wake { $0.due(now: .now) }
            bell.wait(orReadable: nil, until: min(end, state.withLock { $0.board.nextPoll } ?? end))
        }
    }

    private func wake(_ choose: (inout ChangeBoard) -> [Int]) {
        let woken = state.withLock { state in choose(&state.board).compactMap { state.wakes[$0] } }
        for continuation in woken { continuation.yield() }
    }

    private func finish() {
        let (followers, closers) = state.withLock { state in
            defer { (state.wakes, state.closers, state.isRunning) = ([:], [], false) }
            return (Array(state.wakes.values), state.closers)
        }
        for follower in followers { follower.finish() }
        for closer in closers { closer.resume() }
    }
}
