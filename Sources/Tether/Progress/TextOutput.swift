import Foundation
import Glibc
import Synchronization

/// Writes text in order on threads of its own: a reader that is slow must not pause the tether, and loses nothing by it.
final class TextOutput: Sendable {
    private struct State {
        var waiting: [String] = []
        /// Bytes of these and of what is being written.
        var bytes = 0
        /// Bytes written, ever.
        var written = 0
        /// Pieces that found no room since the last that did.
        var lost = 0
        var isWriting = false
        /// Nobody will read it.
        var isBroken = false
    }

    private let descriptor: Int32
    private let limit: Int
    private let gap: @Sendable (Int) -> String
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limit: bytes that may wait; a piece beyond them is left out.
    ///   - gap: what stands in the place of so many pieces.
    init(_ descriptor: Int32, limit: Int = 8 << 20, gap: @escaping @Sendable (Int) -> String = { _ in "" }) {
        self.descriptor = descriptor
        self.limit = limit
        self.gap = gap
    }

    /// Whether everything has been written.
    var isIdle: Bool { state.withLock { !$0.isWriting } }

    /// Returns at once.
    func write(_ text: String) {
        let mustStart = state.withLock { state in
            if state.isBroken { return false }
            guard state.bytes + text.utf8.count <= limit else {
                state.lost += 1
                return false
            }
            let text = state.lost > 0 ? gap(state.lost) + text : text
            state.lost = 0
            state.waiting.append(text)
            state.bytes += text.utf8.count
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if mustStart { Thread { [self] in while let text = next() { put(text) } }.start() }
    }

    /// Waits for what has not been written, as long as somebody reads it.
    func drain() async {
        let end = ContinuousClock.now + .seconds(30)
        var (written, movedAt) = (-1, ContinuousClock.now)
        while true {
            let (now, state) = (ContinuousClock.now, state.withLock { (isWriting: $0.isWriting, written: $0.written) })
            if state.written != written { (written, movedAt) = (state.written, now) }
            guard state.isWriting, now < end, now - movedAt < .seconds(2) else { return }
            do { try await Task.sleep(for: .milliseconds(10)) } catch { return }
        }
    }

    private func next() -> String? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isWriting = false
                return nil
            }
            defer { state.waiting = [] }
            return state.waiting.joined()
        }
    }

    private func put(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
                state.withLock { state in
                    state.bytes -= count
                    state.written += count
                }
            } else if count == 0 || errno == EAGAIN {
                waitForRoom()
            } else if errno != EINTR {
                return state.withLock { state in
                    (state.waiting, state.bytes, state.isBroken) = ([], 0, true)
                }
            }
        }
    }

    /// A pipe may have been made non-blocking by whoever holds its other end.
    private func waitForRoom() {
        var polled = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&polled, 1, -1)
    }

    /// Columns and rows of the terminal.
    var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return (80, 24) }
        return (Int(size.ws_col), max(1, Int(size.ws_row)))
    }
}
