/// The media playlist of a film that lies in one file of fragmented MP4 (RFC 8216 sections 3.3 and 4.3).
///
/// One object a film, and byte ranges in it: a film of two hours would be 1200 objects otherwise, each with a row, a
/// hash and a request to remove it; and who may fetch what, and parts of files, are decided for media files already.
public struct SegmentPlaylist: Sendable, Equatable {
    /// A part of the film that begins with a key frame.
    public struct Segment: Sendable, Equatable {
        /// Milliseconds.
        public var duration: Int64
        /// Bytes.
        public var length: Int64

        /// A segment; see the properties of the same names.
        public init(duration: Int64, length: Int64) {
            self.duration = duration
            self.length = length
        }
    }

    /// The file, relative to the playlist.
    public var file: String
    /// Bytes at the file's start that every segment needs (section 3.3: the Media Initialization Section).
    public var initialization: Int64
    /// One after the other from there to the file's end.
    public var segments: [Segment]

    /// Segments that a playlist may have: with them, its text is short enough to be checked as a whole.
    public static let maximumCount = 2000

    /// A playlist; see the properties of the same names.
    public init(file: String, initialization: Int64, segments: [Segment]) {
        self.file = file
        self.initialization = initialization
        self.segments = segments
    }

    /// Whole seconds that no segment exceeds when it is rounded (section 4.3.3.1).
    public var targetDuration: Int64 { max(1, segments.map { ($0.duration + 500) / 1000 }.max() ?? 1) }

    /// - Parameter query: added to each URL, with its question mark.
    public func text(query: String = "") -> String {
        var text = """
            #EXTM3U
            #EXT-X-VERSION:7
            #EXT-X-TARGETDURATION:\(targetDuration)
            #EXT-X-MEDIA-SEQUENCE:0
            #EXT-X-PLAYLIST-TYPE:VOD
            #EXT-X-INDEPENDENT-SEGMENTS
            #EXT-X-MAP:URI="\(file)\(query)",BYTERANGE="\(initialization)@0"

            """
        var offset = initialization
        for segment in segments {
            text += "#EXTINF:\(MediaDocument.decimal(segment.duration)),\n#EXT-X-BYTERANGE:\(segment.length)@\(offset)\n\(file)\(query)\n"
            offset += segment.length
        }
        return text + "#EXT-X-ENDLIST\n"
    }

    /// Reads a text that `text` has written, and no other.
    public init?(_ text: String) {
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count >= 12, lines.count <= 9 + 3 * Self.maximumCount, lines.count % 3 == 0,
            let map = Substring(lines[6]).wholeMatch(of: /#EXT-X-MAP:URI="([a-z0-9.-]{1,64})",BYTERANGE="([1-9][0-9]{0,14})@0"/),
            let initialization = Int64(map.2)
        else { return nil }
        self.init(file: String(map.1), initialization: initialization, segments: [])
        for index in stride(from: 7, to: lines.count - 2, by: 3) {
            guard let duration = Self.number(lines[index], after: "#EXTINF:"), duration > 0,
                let length = Self.number(lines[index + 1], after: "#EXT-X-BYTERANGE:"), length > 0
            else { return nil }
            segments.append(Segment(duration: duration, length: length))
        }
        // Whatever has been passed over shows here.
        guard self.text() == text else { return nil }
    }

    /// The digits after a tag, as one number, whether or not there is a point between them.
    private static func number(_ line: Substring.UTF8View, after tag: StaticString) -> Int64? {
        var (value, count): (Int64, Int) = (0, 0)
        for byte in line.dropFirst(tag.utf8CodeUnitCount) where byte != UInt8(ascii: ".") {
            guard (48...57).contains(byte) else { break }
            (value, count) = (value * 10 + Int64(byte - 48), count + 1)
            if count > 15 { return nil }
        }
        return count > 0 ? value : nil
    }
}
