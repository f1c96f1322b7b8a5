import Foundation
import Glibc
import Synchronization

/// Writes text in order on a thread of its own: a terminal that was paused must not pause the tether.
final class TextOutput: Sendable {
    /// Pieces that may wait; what comes beyond them is left out.
    private static let limit = 2000

    private let descriptor: Int32
    private let queue = DispatchQueue(label: "lumiere.tether.output")
    private let waiting = Mutex(0)

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    var isTerminal: Bool { isatty(descriptor) == 1 }
    /// Whether everything has been written.
    var isIdle: Bool { waiting.withLock { $0 == 0 } }

    func write(_ text: String) {
        let hasRoom = waiting.withLock { waiting in
            guard waiting < Self.limit else { return false }
            waiting += 1
            return true
        }
        guard hasRoom else { return }
        queue.async { [self] in
            put(Array(text.utf8))
            waiting.withLock { $0 -= 1 }
        }
    }

    /// Waits a moment for what has not been written.
    func drain() {
        for _ in 0..<100 where !isIdle { usleep(10_000) }
    }

    private func put(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return }
        }
    }

    /// Columns and rows of the terminal.
    var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return (80, 24) }
        return (Int(size.ws_col), max(1, Int(size.ws_row)))
    }
}
