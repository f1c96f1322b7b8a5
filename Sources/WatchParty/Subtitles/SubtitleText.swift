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
    /// - Throws: `Problem` 422 when there is not one, or one is longer than anybody reads.
    static func webVTT(from bytes: some Collection<UInt8>) throws(Problem) -> String {
        let bytes = Array(bytes)
        guard !hasLongLine(bytes) else { throw SubtitleRules.overlong }
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else { throw SubtitleRules.unreadable }
        let cues = cues(in: text)
        guard !cues.isEmpty, cues.count <= maxCues else { throw SubtitleRules.unreadable }
        guard cues.allSatisfy({ $0.lines.count <= SubtitleRules.maxLines }) else { throw SubtitleRules.overlong }
        return "WEBVTT\n" + cues.map(write).joined()
    }

    // MARK: Reading

    private static func hasLongLine(_ bytes: [UInt8]) -> Bool {
        bytes.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }.contains { $0.count > SubtitleRules.maxLineBytes }
    }

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
        // A line without anything would end the cue.
        let lines = block[(place + 1)...].map { withoutTags($0).trimmingWhitespace }.filter { !$0.isEmpty }
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

    /// What SubRip has and WebVTT does not know is taken out: `<font …>`, `</font>` and `{\…}`. One pass, whatever the line is made of;
    /// what is never closed stays.
    static func withoutTags(_ line: String) -> String {
        var kept: [UInt8] = []
        var rest = Array(line.utf8)[...]
        while let first = rest.first {
            if let closing = closing(of: rest) {
                guard let end = rest.firstIndex(of: closing) else { break }
                rest = rest[(end + 1)...]
            } else {
                kept.append(first)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: kept + rest, as: UTF8.self)
    }

    /// What closes the tag that a text begins with; `nil` when it begins with none that is to be taken out.
    private static func closing(of text: ArraySlice<UInt8>) -> UInt8? {
        let next = text.dropFirst().first
        switch text.first {
        case UInt8(ascii: "{"): return next == UInt8(ascii: "\\") ? UInt8(ascii: "}") : nil
        case UInt8(ascii: "<"):
            let name = text.dropFirst(next == UInt8(ascii: "/") ? 2 : 1).prefix(4)
            // Letters differ from capitals by this bit.
            return name.map { $0 | 0x20 }.elementsEqual("font".utf8) ? UInt8(ascii: ">") : nil
        default: return nil
        }
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

    /// Arrows would be read as times.
    private static func escaped(_ line: String) -> String { line.replacing("-->", with: "--&gt;") }
}

extension String {
    fileprivate var trimmingWhitespace: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(self[first...last])
    }
}
