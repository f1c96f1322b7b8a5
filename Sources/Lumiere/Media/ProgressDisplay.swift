import Foundation
import Glibc

/// Shows on standard error how far something is: a bar that changes in place on a terminal, a line now and then otherwise.
actor ProgressDisplay<Shown: ShownProgress> {
    private(set) var progress: Shown
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let isQuiet: Bool
    private let start = ContinuousClock.now
    private var lastShown: ContinuousClock.Instant?

    /// - Parameter isQuiet: a script is waiting for the result: only a terminal sees progress.
    init(_ progress: Shown, isQuiet: Bool) {
        self.progress = progress
        self.isQuiet = isQuiet
    }

    /// Takes note, and shows it unless that was done a moment ago.
    func report(_ change: @Sendable (inout Shown) -> Void) {
        change(&progress)
        let now = ContinuousClock.now
        let interval: Duration = isTerminal ? .milliseconds(100) : .seconds(10)
        if let lastShown, now - lastShown < interval { return }
        lastShown = now
        show(at: now)
    }

    /// Prints a line of its own on standard output, above the bar.
    func say(_ line: String) {
        if isTerminal { write("\r\u{1B}[K") }
        print(line)
        fflush(nil)
        if isTerminal { show(at: .now) }
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

/// How far something is, in words.
protocol ShownProgress: Sendable {
    /// 0 to 1.
    var fraction: Double { get }

    /// One line that says it all.
    func line(after elapsed: Duration) -> String

    /// One line for a terminal.
    /// - Parameter columns: the terminal's width; the line is shorter.
    func bar(after elapsed: Duration, columns: Int) -> String
}

extension ShownProgress {
    func bar(after elapsed: Duration, columns: Int) -> String {
        let text = " " + line(after: elapsed)
        let width = min(40, columns - text.count - 3)
        guard width >= 5 else { return String(text.dropFirst().prefix(max(0, columns - 1))) }
        let filled = Int(fraction * Double(width))
        return "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled) + "]" + text
    }

    /// Hours, minutes and seconds.
    static func clock(seconds: Int64) -> String {
        let two = { (number: Int64) in (number < 10 ? "0" : "") + String(number) }
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(seconds % 60))" : "\(minutes):\(two(seconds % 60))"
    }
}
