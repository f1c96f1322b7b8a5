import Core

/// Progress as lines of a terminal. Pure.
struct ProgressText: Sendable {
    /// The terminal's width; every line is shorter, so that none is wrapped.
    let columns: Int
    /// The terminal's height; fewer lines than that, so that all can be drawn again.
    var rows = 24

    /// A line for each file on its way, and one for all.
    func lines(_ picture: TetherPicture) -> [String] {
        let shown = picture.rows.prefix(max(0, min(rows - 3, 16)))
        return shown.map(line(of:)) + [total(picture)]
    }

    private func line(of row: TetherPicture.Row) -> String {
        let fraction = row.size > 0 ? min(1, Double(row.bytes) / Double(row.size)) : 1
        let state =
            switch row.phase {
            case .hashing: "reading \(Self.percent(fraction))"
            case .confirming where row.bytes >= row.size: "\(ByteText.of(row.size, .decimal)), waiting for the server"
            case .sending, .confirming:
                "\(ByteText.of(min(row.bytes, row.size), .decimal)) of \(ByteText.of(row.size, .decimal)) "
                    + Self.percent(fraction)
            }
        return join(TerminalText.clean(row.name), row.phase == .hashing ? 0 : fraction, state)
    }

    private func total(_ picture: TetherPicture) -> String {
        if let trouble = picture.trouble {
            let again = picture.pause.map { " Trying again in \(max(1, $0.components.seconds)) s." } ?? ""
            return TerminalText.fit(TerminalText.clean("\(trouble)\(again) \(waiting(picture))"), columns - 1)
        }
        if picture.waitingFiles == 0 { return TerminalText.fit(idle(picture), columns - 1) }
        var parts = ["\(picture.sentFiles) of \(picture.totalFiles) files"]
        parts.append("\(ByteText.of(picture.doneBytes, .decimal)) of \(ByteText.of(picture.totalBytes, .decimal))")
        if let rate = picture.rate, rate >= 1 {
            parts.append("\(ByteText.of(Int64(rate), .decimal))/s")
            parts.append("\(Self.clock(Int64(min(1e8, Double(picture.totalBytes - picture.doneBytes) / rate)))) left")
        }
        return join("Total", picture.fraction, (parts + rest(picture)).joined(separator: ", "))
    }

    private func idle(_ picture: TetherPicture) -> String {
        (["Waiting for files"] + ["\(picture.sentFiles) sent (\(ByteText.of(picture.sentBytes, .decimal)))"] + rest(picture))
            .joined(separator: ", ")
    }

    private func rest(_ picture: TetherPicture) -> [String] {
        (picture.held > 0 ? ["\(picture.held) not whole yet"] : []) + (picture.refused > 0 ? ["\(picture.refused) refused"] : [])
    }

    private func waiting(_ picture: TetherPicture) -> String {
        picture.waitingFiles == 1 ? "1 file waits." : "\(picture.waitingFiles) files wait."
    }

    /// A name, a bar and a state; the bar, then the name give way when there is little room.
    private func join(_ name: String, _ fraction: Double, _ state: String) -> String {
        let width = max(0, columns - 1)
        let left = width - TerminalText.width(state) - 1
        guard left >= 8 else { return TerminalText.fit(state, width) }
        let nameWidth = min(28, left - (left >= 24 ? 13 : 1))
        let bar = min(30, left - nameWidth - 3)
        let head = TerminalText.pad(name, nameWidth)
        guard bar >= 8 else { return TerminalText.fit("\(head) \(state)", width) }
        let filled = Int(fraction * Double(bar))
        return "\(head) [\(String(repeating: "#", count: filled))\(String(repeating: ".", count: bar - filled))] \(state)"
    }

    private static func percent(_ fraction: Double) -> String { "\(Int(fraction * 100))%" }

    private static func clock(_ seconds: Int64) -> String {
        let two = { (number: Int64) in (number < 10 ? "0" : "") + String(number) }
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(seconds % 60))" : "\(minutes):\(two(seconds % 60))"
    }
}
