import Core
import Foundation
import Glibc
import Synchronization

/// Shows a tether on standard output: bars on a terminal, a line for each event otherwise, or JSON for scripts.
public final class StandardDisplay: TetherDisplay {
    /// How it is shown.
    public enum Style: Sendable, Equatable {
        case bars, lines, json
    }

    private let style: Style
    private let output: TextOutput
    /// Lines of the last picture, which the next one is drawn over.
    private let drawn = Mutex<[String]>([])

    /// - Parameter json: one JSON object a line.
    public init(json: Bool) {
        let isTerminal = isatty(STDOUT_FILENO) == 1
        style = json ? .json : isTerminal ? .bars : .lines
        output = TextOutput(STDOUT_FILENO) { [style] in Self.gap($0, style) }
    }

    /// What stands for what a reader was too slow for.
    private static func gap(_ count: Int, _ style: Style) -> String {
        let event = TetherEvent.note("\(count) lines were left out: their reader is too slow.")
        switch style {
        case .json: return (try? JSON.text(event.json)).map { $0 + "\n" } ?? ""
        case .lines: return event.line + "\n"
        case .bars: return ""
        }
    }

    public func tell(_ event: TetherEvent) {
        switch style {
        case .json: if let line = try? JSON.text(event.json) { output.write(line + "\n") }
        case .lines: output.write(TerminalText.clean(event.line) + "\n")
        case .bars:
            let text = drawn.withLock { lines in
                defer { lines = [] }
                return BarText.erase(lines.count) + TerminalText.clean(event.line) + "\n"
            }
            output.write(text)
        }
    }

    public func show(_ picture: TetherPicture) {
        // A terminal that has not taken the last picture gets no other.
        guard style == .bars, output.isIdle else { return }
        let size = output.size
        let lines = ProgressText(columns: size.columns, rows: size.rows).lines(picture)
        let text = drawn.withLock { last -> String? in
            guard lines != last else { return nil }
            defer { last = lines }
            return BarText.erase(last.count) + lines.joined(separator: "\n")
        }
        if let text { output.write(text) }
    }

    /// Leaves the terminal as a shell wants it, and waits for what has not been written, as long as somebody reads it.
    public func end() async {
        let isDrawn = drawn.withLock { lines in
            defer { lines = [] }
            return !lines.isEmpty
        }
        if isDrawn { output.write("\n") }
        await output.drain()
    }
}

/// The control sequences that bars need (ECMA-48).
enum BarText {
    /// From the end of the last of so many lines back to their beginning, with nothing left of them.
    static func erase(_ lines: Int) -> String {
        guard lines > 0 else { return "" }
        return "\r" + (lines > 1 ? "\u{1B}[\(lines - 1)A" : "") + "\u{1B}[J"
    }
}
