/// The multivariant playlist of a film that there is in one form (RFC 8216 section 4.3.4: the Master Playlist). Players
/// learn from it what they need to play the film before they fetch anything of it.
public struct VariantPlaylist: Sendable, Equatable {
    /// The media playlist, relative to this one.
    public var file: String
    /// Bits per second of the heaviest segment, and of the whole.
    public var peakBitRate: Int64
    public var averageBitRate: Int64
    /// As RFC 6381 names them, e.g. `avc1.64001f`.
    public var codecs: [String]
    /// Pixels, upright.
    public var width: Int
    public var height: Int
    /// Frames in 1000 seconds.
    public var frameRate: Int64?

    /// A playlist; see the properties of the same names.
    public init(
        file: String, peakBitRate: Int64, averageBitRate: Int64, codecs: [String], width: Int, height: Int, frameRate: Int64?
    ) {
        self.file = file
        self.peakBitRate = peakBitRate
        self.averageBitRate = averageBitRate
        self.codecs = codecs
        self.width = width
        self.height = height
        self.frameRate = frameRate
    }

    /// - Parameter query: added to the URL, with its question mark.
    public func text(query: String = "") -> String {
        var attributes = [
            "BANDWIDTH=\(peakBitRate)", "AVERAGE-BANDWIDTH=\(averageBitRate)", "CODECS=\"\(codecs.joined(separator: ","))\"",
            "RESOLUTION=\(width)x\(height)",
        ]
        if let frameRate { attributes.append("FRAME-RATE=\(MediaDocument.decimal(frameRate))") }
        return """
            #EXTM3U
            #EXT-X-VERSION:7
            #EXT-X-INDEPENDENT-SEGMENTS
            #EXT-X-STREAM-INF:\(attributes.joined(separator: ","))
            \(file)\(query)

            """
    }

    /// Reads a text that `text` has written, and no other.
    public init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let shape = #/
            \#EXT-X-STREAM-INF:BANDWIDTH=([0-9]{1,15}),AVERAGE-BANDWIDTH=([0-9]{1,15}),CODECS="([A-Za-z0-9.,]{1,128})",
            RESOLUTION=([0-9]{1,7})x([0-9]{1,7})(?:,FRAME-RATE=([0-9]{1,6})\.([0-9]{3}))?
            /#
        guard lines.count == 6, lines[4].wholeMatch(of: /[a-z0-9.-]{1,64}/) != nil, let match = lines[3].wholeMatch(of: shape),
            let peak = Int64(match.1), let average = Int64(match.2), let width = Int(match.4), let height = Int(match.5)
        else { return nil }
        var rate: Int64?
        if let whole = match.6, let fraction = match.7 { rate = Int64(whole + fraction) }
        self.init(
            file: String(lines[4]), peakBitRate: peak, averageBitRate: average,
            codecs: match.3.split(separator: ",", omittingEmptySubsequences: false).map(String.init), width: width,
            height: height, frameRate: rate)
        guard self.text() == text else { return nil }
    }
}
