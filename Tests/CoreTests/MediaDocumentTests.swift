import Core
import Testing

@Suite("Documents of films")
struct MediaDocumentTests {
    static let segments = SegmentPlaylist(
        file: "segments-0123456789ab.mp4", initialization: 812,
        segments: [.init(duration: 6000, length: 1_000_000), .init(duration: 6490, length: 5), .init(duration: 40, length: 77)])
    static let variants = VariantPlaylist(
        file: "segments-0123456789ab.m3u8", peakBitRate: 5_100_000, averageBitRate: 4_900_000,
        codecs: ["avc1.64001f", "mp4a.40.2"], width: 1280, height: 720, frameRate: 29_970)
    static let sprite = SpriteTrack(file: "sprite-0123456789ab.jpg", duration: 2500, width: 1280, height: 720)!

    static let all: [(MediaDocument, RenditionName, MediaFormat)] = [
        (.segments(segments), .segments, .m3u8), (.variants(variants), .hls, .m3u8), (.sprite(sprite), .sprite, .vtt),
    ]

    @Test("a media playlist says where the segments lie, with the query where it is needed")
    func mediaPlaylist() {
        #expect(Self.segments.text(query: "?grant=x") == """
            #EXTM3U
            #EXT-X-VERSION:7
            #EXT-X-TARGETDURATION:6
            #EXT-X-MEDIA-SEQUENCE:0
            #EXT-X-PLAYLIST-TYPE:VOD
            #EXT-X-INDEPENDENT-SEGMENTS
            #EXT-X-MAP:URI="segments-0123456789ab.mp4?grant=x",BYTERANGE="812@0"
            #EXTINF:6.000,
            #EXT-X-BYTERANGE:1000000@812
            segments-0123456789ab.mp4?grant=x
            #EXTINF:6.490,
            #EXT-X-BYTERANGE:5@1000812
            segments-0123456789ab.mp4?grant=x
            #EXTINF:0.040,
            #EXT-X-BYTERANGE:77@1000817
            segments-0123456789ab.mp4?grant=x
            #EXT-X-ENDLIST

            """)
    }

    @Test("a multivariant playlist says what a player must be able to do")
    func multivariantPlaylist() {
        #expect(Self.variants.text() == """
            #EXTM3U
            #EXT-X-VERSION:7
            #EXT-X-INDEPENDENT-SEGMENTS
            #EXT-X-STREAM-INF:BANDWIDTH=5100000,AVERAGE-BANDWIDTH=4900000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=29.970
            segments-0123456789ab.m3u8

            """)
    }

    @Test("a track says which still stands for what time")
    func track() {
        #expect(Self.sprite.text(query: "?grant=x") == """
            WEBVTT

            00:00:00.000 --> 00:00:01.000
            sprite-0123456789ab.jpg?grant=x#xywh=0,0,160,90

            00:00:01.000 --> 00:00:02.000
            sprite-0123456789ab.jpg?grant=x#xywh=160,0,160,90

            00:00:02.000 --> 00:00:02.500
            sprite-0123456789ab.jpg?grant=x#xywh=320,0,160,90

            """)
    }

    @Test("a document comes back from its text, under its own name only", arguments: all)
    func read(document: MediaDocument, name: RenditionName, format: MediaFormat) {
        let bytes = Array(document.text().utf8)
        #expect(MediaDocument(bytes, name, format) == document)
        for other in Self.all where other.1 != name { #expect(MediaDocument(bytes, other.1, other.2) == nil) }
    }

    @Test("a text with anything changed, left out or added is none", arguments: all)
    func altered(document: MediaDocument, name: RenditionName, format: MediaFormat) {
        let bytes = Array(document.text().utf8)
        for index in bytes.indices {
            // A track may end after any of its stills; then it is one of a shorter film.
            if let shorter = MediaDocument(Array(bytes[..<index]), name, format) {
                #expect(name == .sprite && Array(shorter.text().utf8) == Array(bytes[..<index]))
            }
            var other = bytes
            other[index] = 0xFF
            #expect(MediaDocument(other, name, format) == nil)
            other[index] = UInt8(ascii: "\n")
            #expect(other == bytes || MediaDocument(other, name, format) == nil)
        }
        for more in ["\n", "https://example.org/\n", "#EXTINF:6.000,\nx\n"] {
            #expect(MediaDocument(bytes + Array(more.utf8), name, format) == nil)
        }
        let away = document.text().replacing("s", with: "/").replacing("0123456789ab", with: "//example.org/0123456789ab")
        #expect(MediaDocument(Array(away.utf8), name, format) == nil)
    }

    @Test("a film of any length has some stills, not too many, in a picture of bounded size", arguments: [
        1, 999, 1000, 1001, 59_999, 120_000, 120_001, 7_200_000, 31_536_000_000,
    ] as [Int64], [(1920, 1080), (1080, 1920), (1, 1), (65_000, 2)])
    func stills(duration: Int64, size: (width: Int, height: Int)) throws {
        let track = try #require(SpriteTrack(file: "sprite-0.jpg", duration: duration, width: size.width, height: size.height))
        #expect((1...SpriteTrack.maximumCount).contains(track.count))
        #expect((1...1600).contains(track.width) && (1...1920).contains(track.height))
        #expect(max(track.tileWidth, track.tileHeight) <= SpriteTrack.tileEdge)
        let (x, y) = track.origin(of: track.count - 1)
        #expect(x + track.tileWidth <= track.width && y + track.tileHeight <= track.height)
        #expect(SpriteTrack(track.text())?.text() == track.text())
    }

    @Test("a film that does not tell how long it is, or tells nonsense, has no stills", arguments: [
        0, -1, MediaFacts.Video.maximumDuration + 1, 400_000_000_000, .max, .min,
    ] as [Int64])
    func noDuration(duration: Int64) {
        #expect(SpriteTrack(file: "sprite-0.jpg", duration: duration, width: 1, height: 1) == nil)
    }

    @Test("the longest playlist is no longer than what is read of it")
    func longest() {
        let segment = SegmentPlaylist.Segment(duration: 9_999_999, length: 99_999_999_999)
        let playlist = SegmentPlaylist(
            file: Self.segments.file, initialization: 9_999_999, segments: Array(repeating: segment, count: SegmentPlaylist.maximumCount))
        let bytes = Array(playlist.text().utf8)
        #expect(bytes.count <= MediaDocument.maximumLength)
        #expect(MediaDocument(bytes, .segments, .m3u8) == .segments(playlist))
        // More than any playlist has, and numbers that no integer holds.
        let longer = playlist.text().replacing("#EXT-X-ENDLIST\n", with: "#EXTINF:1.000,\n#EXT-X-BYTERANGE:1@1\nx\n#EXT-X-ENDLIST\n")
        #expect(SegmentPlaylist(longer) == nil)
        for odd in [String(repeating: "9", count: 19), String(repeating: "9", count: 400), "-1", "", "00"] {
            #expect(SegmentPlaylist(Self.segments.text().replacing("BYTERANGE:5@", with: "BYTERANGE:\(odd)@")) == nil)
            #expect(SegmentPlaylist(Self.segments.text().replacing("EXTINF:6.490", with: "EXTINF:\(odd).490")) == nil)
        }
    }

    @Test("what shows the original is a still, and nothing else")
    func stillNames() {
        #expect(RenditionName.allCases.filter(\.isStill) == [.thumb, .small, .medium, .large, .poster])
    }
}
