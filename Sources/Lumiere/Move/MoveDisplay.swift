import Foundation
import Glibc
import ObjectStore

/// Shows on standard error how far a move is: a bar that changes in place on a terminal, a line now and then otherwise.
actor MoveDisplay {
    private(set) var progress: MoveProgress
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let isQuiet: Bool
    private let start = ContinuousClock.now
    private var lastShown: ContinuousClock.Instant?

    /// - Parameter isQuiet: a script is waiting for the result: only a terminal sees progress.
    init(_ progress: MoveProgress, isQuiet: Bool) {
        self.progress = progress
        self.isQuiet = isQuiet
    }

    /// Takes note, and shows it unless that was done a moment ago.
    func report(_ copied: ObjectCopier.Progress) {
        progress.update(copied)
        let now = ContinuousClock.now
        let interval: Duration = isTerminal ? .milliseconds(100) : .seconds(10)
        if let lastShown, now - lastShown < interval { return }
        lastShown = now
        show(at: now)
    }

    /// Shows where it ended and leaves the line.
    func end() {
        show(at: .now)
        if isTerminal { write("\n") }
    }

    private func show(at now: ContinuousClock.Instant) {
        if isTerminal {
            // Back to the line's beginning, and what is left of the last bar is erased.
            write("\r\(progress.bar(after: now - start, columns: Self.columns))\u{1B}[K")
        } else if !isQuiet {
            write(progress.line(after: now - start) + "\n")
        }
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

    private static var columns: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}
