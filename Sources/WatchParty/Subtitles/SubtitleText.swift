import Core

/// Reads subtitles as people have them, and writes WebVTT (W3C WebVTT, section 4): pure.
enum SubtitleText {
    /// A line of the film and when it is shown.
    struct Cue: Equatable {
        /// Milliseconds.
        var start: Int64
        var end: Int64
        /// What WebVTT says of its place after the times.
        var settings: String
        var lines: [String]
    }

    static let maxCues = 20_000

    /// - Parameter bytes: WebVTT or SubRip, in UTF-8, with or without a byte order mark.
    /// - Returns: WebVTT with those cues that could be read; styles and notes are left out.
    /// - Throws: `Problem` 422 when there is not one.
    static func webVTT(from bytes: some Collection<UInt8>) throws(Problem) -> String {
        guard let text = String(validating: Array(bytes), as: UTF8.self), !text.utf8.contains(0) else { throw SubtitleRules.unreadable }
        let cues = cues(in: text)
        guard !cues.isEmpty, cues.count <= maxCues else { throw SubtitleRules.unreadable }
        return "WEBVTT\n" + cues.map(write).joined()
    }

    // MARK: Reading

    static func cues(in text: String) -> [Cue] {
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.map(String.init)
        let blocks = lines.split { $0.allSatisfy(\.isWhitespace) }
        return blocks.compactMap { cue(in: Array($0)) }
    }

    /// A block has a line of times, and may have a name before it.
    private static func cue(in block: [String]) -> Cue? {
        guard let place = block.prefix(2).firstIndex(where: { $0.contains("-->") }),
            let times = block[place].firstRange(of: "-->"), let start = milliseconds(block[place][..<times.lowerBound])
        else { return nil }
        let rest = block[place][times.upperBound...].split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        let lines = block[(place + 1)...].map { $0.trimmingWhitespace }
        guard let end = rest.first.flatMap(milliseconds), end > start, !lines.isEmpty else { return nil }
        return Cue(start: start, end: end, settings: settings(rest.dropFirst().first ?? ""), lines: lines)
    }

    /// `00:01:02.345`, `01:02.345`, and with a comma as SubRip has it.
    static func milliseconds(_ text: some StringProtocol) -> Int64? {
        let text = String(text).trimmingWhitespace.replacing(",", with: ".")
        let halves = text.split(separator: ".", omittingEmptySubsequences: false)
        let parts = halves[0].split(separator: ":", omittingEmptySubsequences: false).map { Int64($0) }
        guard halves.count == 2, halves[1].count == 3, let fraction = Int64(halves[1]), fraction >= 0, (2...3).contains(parts.count),
            parts.allSatisfy({ ($0 ?? -1) >= 0 && $0! < 10_000 }), parts.suffix(2).allSatisfy({ $0! < 60 })
        else { return nil }
        return parts.reduce(0) { $0 * 60 + $1! } * 1000 + fraction
    }

    /// Only what WebVTT knows: SubRip has other things in that place.
    private static func settings(_ text: some StringProtocol) -> String {
        let known = ["vertical", "line", "position", "size", "align"]
        return text.split(whereSeparator: \.isWhitespace).filter { setting in
            let parts = setting.split(separator: ":", maxSplits: 1)
            return parts.count == 2 && known.contains(String(parts[0])) && parts[1].allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "%,.-".contains($0)) }
        }.joined(separator: " ")
    }

    // MARK: Writing

    private static func write(_ cue: Cue) -> String {
        let settings = cue.settings.isEmpty ? "" : " " + cue.settings
        let lines = cue.lines.map(escaped).joined(separator: "\n")
        return "\n\(time(cue.start)) --> \(time(cue.end))\(settings)\n\(lines)\n"
    }

    private static func time(_ milliseconds: Int64) -> String {
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        func padded(_ value: Int64, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        return "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2)).\(padded(rest, 3))"
    }

    /// Arrows would be read as times; tags of SubRip that WebVTT does not know are taken out.
    private static func escaped(_ line: String) -> String {
        line.replacing("-->", with: "--&gt;").replacing(/<\/?font[^>]*>|\{\\[^}]*\}/.ignoresCase(), with: "")
    }
}

extension String {
    fileprivate var trimmingWhitespace: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(self[first...last])
    }
}
