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
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        guard lines.count >= 9, lines.count <= 9 + 3 * Self.maximumCount, lines.count % 3 == 0 else { return nil }
        let map = lines[6].wholeMatch(of: /#EXT-X-MAP:URI="([a-z0-9.-]{1,64})",BYTERANGE="([1-9][0-9]{0,14})@0"/)
        guard let map, let initialization = Int64(map.2) else { return nil }
        self.init(file: String(map.1), initialization: initialization, segments: [])
        lines = lines.dropFirst(7).dropLast(2)
        while let head = lines.popFirst(), let range = lines.popFirst(), lines.popFirst() != nil {
            guard let time = head.wholeMatch(of: /#EXTINF:([0-9]{1,7})\.([0-9]{3}),/),
                let duration = Int64(time.1 + time.2), duration > 0,
                let length = range.wholeMatch(of: /#EXT-X-BYTERANGE:([1-9][0-9]{0,14})@[0-9]{1,18}/).flatMap({ Int64($0.1) })
            else { return nil }
            segments.append(Segment(duration: duration, length: length))
        }
        guard !segments.isEmpty, self.text() == text else { return nil }
    }
}
