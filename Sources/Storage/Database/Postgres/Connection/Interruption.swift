import CPostgres
import Dispatch
import Foundation
import Glibc
import Synchronization

/// Stops what a connection is doing, from other threads than the connection's own.
///
/// A cancellation is for one job. It travels over a connection of its own and hits whatever runs when it arrives, so the
/// job that asked for it waits until it has been sent, and a connection whose cancellation found nothing to stop is not
/// used again: it might still arrive.
final class Interruption: Sendable {
    private struct State {
        var job: UInt64?
        var isRunning = false
        var isCancellable = false
        /// Until when what runs must have ended, if at all.
        var deadline: ContinuousClock.Instant?
        var isRequested = false
        /// Signalled when the cancellation has been sent.
        var sending: DispatchSemaphore?
        var isStray = false
    }

    private let state = Mutex(State())
    private let token: CancelToken
    /// A second descriptor of the connection's socket: libpq may close its own at any time.
    private let socket: Int32
    /// For a statement; longer than the server itself lets one run.
    private let limit: Duration

    init(token: CancelToken, socket: Int32, limit: Duration) {
        self.token = token
        self.limit = limit
        self.socket = fcntl(socket, F_DUPFD_CLOEXEC, 0)
    }

    deinit { close(socket) }

    // MARK: The connection's thread

    /// A job begins.
    func begin(_ job: UInt64) { state.withLock { $0 = State(job: job) } }

    /// The job is over.
    /// - Returns: whether the connection can go on to another one.
    func end() -> Bool {
        state.withLock { state in
            defer { state.job = nil }
            return !state.isStray
        }
    }

    /// Whether the current job was cancelled.
    var isRequested: Bool { state.withLock { $0.isRequested } }

    /// A statement begins.
    /// - Parameter isBounded: whether the connection is given up when the server does not answer.
    /// - Throws: `CancellationError` when its job was cancelled and the statement is one that can be.
    func enter(isCancellable: Bool, isBounded: Bool) throws(CancellationError) {
        let isRefused = state.withLock { state in
            if state.isRequested && isCancellable { return true }
            state.isRunning = true
            state.isCancellable = isCancellable
            state.deadline = isBounded ? .now + limit : nil
            return false
        }
        if isRefused { throw CancellationError() }
    }

    /// The statement has ended.
    /// - Parameter wasStopped: whether the server says that it was cancelled.
    func leave(wasStopped: Bool) {
        let sending = state.withLock { state in
            (state.isRunning, state.deadline) = (false, nil)
            if state.sending != nil && !wasStopped { state.isStray = true }
            defer { state.sending = nil }
            return state.sending
        }
        _ = sending?.wait(timeout: .now() + 5)
    }

    // MARK: Other threads

    /// Stops a job's running statement, and lets it begin no other. Does nothing when the job is over.
    func cancel(_ job: UInt64) {
        let sent = state.withLock { state -> DispatchSemaphore? in
            guard state.job == job else { return nil }
            state.isRequested = true
            guard state.isRunning, state.isCancellable, state.sending == nil else { return nil }
            state.sending = DispatchSemaphore(value: 0)
            return state.sending
        }
        guard let sent else { return }
        // PQcancel connects and waits for the server, so it gets a thread; there is at most one for each connection.
        Thread { [token] in
            token.cancel()
            sent.signal()
        }.start()
    }

    /// Breaks the connection when a statement runs for longer than the server itself would let it: nobody answers there.
    func sever(now: ContinuousClock.Instant) {
        let isHanging = state.withLock { state in state.deadline.map { $0 < now } ?? false }
        if isHanging { shutdown(socket, Int32(SHUT_RDWR)) }
    }
}

/// What PQcancel needs.
///
/// Sendable: libpq documents PQcancel as safe from any thread ("33.7 Canceling Queries in Progress"); the pointer never
/// changes and is freed once, by the last owner.
final class CancelToken: @unchecked Sendable {
    private let pointer: OpaquePointer

    init?(_ connection: OpaquePointer) {
        guard let pointer = PQgetCancel(connection) else { return nil }
        self.pointer = pointer
    }

    deinit { PQfreeCancel(pointer) }

    /// Asks the server to stop the running statement. Blocks the thread.
    func cancel() {
        var message = [CChar](repeating: 0, count: 256)
        // A request that did not get through has the same effect as one that came too late.
        _ = PQcancel(pointer, &message, Int32(message.count))
    }
}
