/// Small stills of a film in one picture, row by row, and which of them stands for what time: players show them while
/// somebody looks for a place. The times are written as WebVTT, the places as media fragments
/// (Media Fragments URI 1.0 section 4.2.2).
public struct SpriteTrack: Sendable, Equatable {
    /// The picture, relative to the track.
    public var file: String
    /// Milliseconds of the film.
    public var duration: Int64
    /// Milliseconds that each still stands for; the last may stand for less.
    public var interval: Int64
    /// Pixels of each still.
    public var tileWidth: Int
    public var tileHeight: Int

    /// Stills of a film, at most, and in each row.
    public static let maximumCount = 120
    public static let columns = 10
    /// Pixels of a still's long edge.
    public static let tileEdge = 160
    /// Milliseconds between two stills, at least.
    public static let shortestInterval: Int64 = 1000

    /// A track; see the properties of the same names.
    public init(file: String, duration: Int64, interval: Int64, tileWidth: Int, tileHeight: Int) {
        self.file = file
        self.duration = duration
        self.interval = interval
        self.tileWidth = tileWidth
        self.tileHeight = tileHeight
    }

    /// As many stills as make sense for a film.
    /// - Parameters:
    ///   - duration: milliseconds.
    ///   - width: pixels of the film, upright.
    ///   - height: the same.
    /// - Returns: `nil` for a film that does not tell how long it is, or tells nonsense.
    public init?(file: String, duration: Int64, width: Int, height: Int) {
        guard (1...MediaFacts.Video.maximumDuration).contains(duration), width > 0, height > 0 else { return nil }
        let count = Int64(Self.maximumCount)
        // Whole tenths of a second, so that cues do not drift.
        let interval = ((duration + count - 1) / count + 99) / 100 * 100
        let scale = min(1, Double(Self.tileEdge) / Double(max(width, height)))
        self.init(
            file: file, duration: duration, interval: max(Self.shortestInterval, interval),
            tileWidth: max(1, Int((Double(width) * scale).rounded())), tileHeight: max(1, Int((Double(height) * scale).rounded())))
    }

    /// Stills.
    public var count: Int { Int((duration + interval - 1) / interval) }
    /// Pixels of the picture.
    public var width: Int { min(count, Self.columns) * tileWidth }
    public var height: Int { (count + Self.columns - 1) / Self.columns * tileHeight }

    /// Pixels from the picture's left and top edge to a still.
    public func origin(of index: Int) -> (x: Int, y: Int) {
        (index % Self.columns * tileWidth, index / Self.columns * tileHeight)
    }

    /// - Parameter query: added to each URL, with its question mark.
    public func text(query: String = "") -> String {
        (0..<count).reduce(into: "WEBVTT\n") { text, index in
            let start = Int64(index) * interval
            let (x, y) = origin(of: index)
            text += "\n\(Self.time(start)) --> \(Self.time(min(duration, start + interval)))\n"
            text += "\(file)\(query)#xywh=\(x),\(y),\(tileWidth),\(tileHeight)\n"
        }
    }

    /// Reads a text that `text` has written, and no other.
    public init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 5, lines.count <= 2 + 3 * Self.maximumCount,
            let place = lines[3].wholeMatch(of: /([a-z0-9.-]{1,64})#xywh=0,0,([0-9]{1,3}),([0-9]{1,3})/),
            let width = Int(place.2), let height = Int(place.3), Self.edges.contains(width), Self.edges.contains(height),
            let first = Self.times(lines[2]), let last = Self.times(lines[lines.count - 3])
        else { return nil }
        self.init(
            file: String(place.1), duration: last.end, interval: lines.count == 5 ? max(Self.shortestInterval, first.end) : first.end,
            tileWidth: width, tileHeight: height)
        guard interval >= Self.shortestInterval, duration > 0, count <= Self.maximumCount, self.text() == text else { return nil }
    }

    private static let edges = 1...tileEdge

    private static func times(_ line: Substring) -> (start: Int64, end: Int64)? {
        let parts = line.split(separator: " --> ", omittingEmptySubsequences: false).compactMap(milliseconds)
        return parts.count == 2 ? (parts[0], parts[1]) : nil
    }

    private static func milliseconds(_ text: Substring) -> Int64? {
        guard let match = text.wholeMatch(of: /([0-9]{2,5}):([0-9]{2}):([0-9]{2})\.([0-9]{3})/),
            let hours = Int64(match.1), let minutes = Int64(match.2), let rest = Int64(match.3 + match.4)
        else { return nil }
        return (hours * 60 + minutes) * 60_000 + rest
    }

    /// As WebVTT writes times: `00:01:02.500`.
    private static func time(_ milliseconds: Int64) -> String {
        let (hours, minutes, rest) = (milliseconds / 3_600_000, milliseconds / 60_000 % 60, milliseconds % 60_000)
        let padded = { (number: Int64) in number < 10 ? "0\(number)" : "\(number)" }
        return "\(padded(hours)):\(padded(minutes)):\(rest < 10_000 ? "0" : "")\(MediaDocument.decimal(rest))"
    }
}
