/// Cuts what a child prints into lines for the log, and keeps a chatty child from flooding it; pure.
struct LineLimiter {
    /// Bytes of a line that are kept.
    static let maxLength = 1024
    /// Lines let through in one window.
    static let maxLines = 50
    static let window = Duration.seconds(10)

    private var line: [UInt8] = []
    private var windowStart: ContinuousClock.Instant?
    private var linesInWindow = 0
    private var suppressed = 0

    /// Takes what was printed and gives back the lines to log.
    mutating func take(_ bytes: some Sequence<UInt8>, at now: ContinuousClock.Instant) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                lines += endLine(at: now)
            } else if line.count < Self.maxLength {
                line.append(byte)
            }
        }
        return lines
    }

    /// The last line, when it was not ended, and how many were left out.
    mutating func finish(at now: ContinuousClock.Instant) -> [String] { endLine(at: now) + report() }

    private mutating func endLine(at now: ContinuousClock.Instant) -> [String] {
        defer { line.removeAll(keepingCapacity: true) }
        guard !line.isEmpty else { return [] }
        var lines: [String] = []
        if windowStart.map({ $0.duration(to: now) >= Self.window }) ?? true {
            lines = report()
            windowStart = now
            linesInWindow = 0
        }
        linesInWindow += 1
        guard linesInWindow <= Self.maxLines else {
            suppressed += 1
            return lines
        }
        return lines + [String(decoding: line, as: UTF8.self)]
    }

    private mutating func report() -> [String] {
        defer { suppressed = 0 }
        return suppressed > 0 ? ["\(suppressed) lines left out"] : []
    }
}
