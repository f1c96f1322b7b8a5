import Core
import Testing

@testable import Processing

@Suite struct MediaFactsCheckTests {
    static func photo(_ contentType: String = "image/jpeg", width: Int = 10, height: Int = 10) -> MediaFacts {
        MediaFacts(kind: .photo, contentType: contentType, width: width, height: height)
    }

    static func film(_ change: (inout MediaFacts.Video) -> Void) -> MediaFacts {
        var facts = ReplySequenceTests.film
        if var video = facts.video {
            change(&video)
            facts.video = video
        }
        return facts
    }

    @Test(arguments: [
        photo(""), photo("text/html"), photo("image/svg+xml"), photo("video/mp4"), photo("image/jpeg\r\nX: y"),
        photo(width: 0), photo(height: -1), photo(width: .max),
        MediaFacts(kind: .video, contentType: "video/mp4", width: 10, height: 10),
        film { $0.rotation = 45 }, film { $0.videoCodec = "" }, film { $0.videoCodec = "h264 <b>" },
        film { $0.audioCodec = String(repeating: "a", count: 33) },
    ])
    func `facts that no honest decoder tells are a breach`(facts: MediaFacts) {
        #expect(throws: DecoderConversation.End.self) { try facts.checked() }
    }

    @Test func `true facts pass unchanged`() throws {
        var facts = Self.photo("image/x-nikon-nef")
        var exif = MediaFacts.Exif()
        (exif.make, exif.model, exif.lens, exif.artist, exif.copyright) = ("NIKON", "Z 8", "Z 85mm f/1.8 S", "Søren 青", "© 2026 👩‍🚀")
        (exif.focalLength, exif.aperture, exif.exposureTime, exif.iso) = (85, 1.8, 0.004, 64)
        (exif.orientation, exif.latitude, exif.longitude, exif.altitude) = (8, -90, 180, -431)
        exif.capturedAt = "2026-06-01T14:03:21.07+02:00"
        (exif.focalLength35mm, exif.exposureBias, exif.flash) = (85, -0.33, false)
        (exif.exposureProgram, exif.meteringMode) = ("aperturePriority", "spot")
        facts.exif = exif
        var editorial = MediaFacts.Editorial()
        (editorial.title, editorial.caption, editorial.keywords, editorial.rating) = ("Summit", "Morning ☀︎", ["snow", "ice"], -1)
        facts.editorial = editorial
        facts.tags = [.init(group: "exif", name: "ExposureTime", value: "1/250 sec.")]
        (facts.placeholder, facts.dominantColour) = ("GvoRHZ6Ah4eQiIiHiHiIh4cHB/iH", "#0a1b2c")
        facts.perceptualHash = PerceptualHash(bits: .max)
        #expect(try facts.checked() == facts)
        let film = Self.film {
            ($0.rotation, $0.frameRate, $0.bitRate, $0.audioCodec) = (270, 29.97, 40_000_000, "pcm_s16le")
            $0.capturedAt = "2026-06-20T16:30:00.000Z"
            ($0.container, $0.videoProfile, $0.bitDepth, $0.hdr) = ("matroska", "High 4:4:4 Predictive", 10, "pq")
            ($0.pixelWidth, $0.pixelHeight, $0.isVariableFrameRate, $0.asIs) = (1440, 1080, true, .soundCodec)
            ($0.audioProfile, $0.audioLayout, $0.audioChannels, $0.audioSampleRate) = ("HE-AACv2", "5.1(side)", 6, 48_000)
            $0.streams = [.init(kind: "video", codec: "h264"), .init(kind: "audio", codec: "aac", language: "deu")]
        }
        #expect(try film.checked() == film)
    }

    @Test(arguments: ["", "AAAAAAA", "=======", String(repeating: "A", count: 40), "GvoRHZ6Ah4eQ<b>", "AAAA"])
    func `a placeholder that is no ThumbHash is left out`(text: String) throws {
        var facts = Self.photo()
        facts.placeholder = text
        #expect(try facts.checked().placeholder == nil)
    }

    @Test func `facts of older versions are still read`() throws {
        let text = #"{"contentType":"image/jpeg","exif":{"iso":64},"height":10,"isDamaged":false,"kind":"photo","width":10}"#
        var facts = Self.photo()
        facts.exif = .init()
        facts.exif?.iso = 64
        #expect(try JSON.decode(MediaFacts.self, from: text) == facts)
    }

    @Test func `nonsense from the file is left out and the rest is kept`() throws {
        var facts = Self.photo()
        var exif = MediaFacts.Exif()
        (exif.make, exif.model, exif.lens) = ("a\u{1B}[31m\nb", "\u{0}\u{7}", String(repeating: "x", count: 100_000))
        (exif.focalLength, exif.aperture, exif.exposureTime, exif.iso) = (-1, 1e300, -0.5, 0)
        (exif.orientation, exif.latitude, exif.longitude, exif.altitude) = (9, 91, 10, 1e9)
        exif.capturedAt = "yesterday <script>"
        (exif.exposureProgram, exif.meteringMode, exif.exposureBias, exif.focalLength35mm) = ("<b>", "", .infinity, -1)
        facts.exif = exif
        var editorial = MediaFacts.Editorial()
        (editorial.title, editorial.rating) = ("\u{0}", 6)
        editorial.keywords = Array(repeating: "\u{7}k", count: 1000) + [String(repeating: "x", count: 1000)]
        facts.editorial = editorial
        facts.tags = Array(repeating: .init(group: "exif", name: "A", value: String(repeating: "x", count: 10_000)), count: 1000)
        facts.tags?.insert(.init(group: "<b>", name: "A", value: "B"), at: 0)
        (facts.placeholder, facts.dominantColour) = ("AAAA", "#00000g")
        let checked = try facts.checked()
        #expect((checked.placeholder, checked.dominantColour, checked.editorial?.title, checked.editorial?.rating) == (nil, nil, nil, nil))
        #expect(checked.editorial?.keywords == Array(repeating: "k", count: MediaFacts.Editorial.maximumKeywords))
        #expect(checked.tags?.count == MediaFacts.Tag.maximumLength / 257)
        #expect(checked.tags?.allSatisfy { $0.value.count == 256 } == true)
        var expected = MediaFacts.Exif()
        (expected.make, expected.lens) = ("a[31mb", String(repeating: "x", count: DecoderText.limit))
        #expect(try facts.checked().exif == expected)

        let film = Self.film { ($0.duration, $0.frameRate, $0.bitRate, $0.capturedAt) = (-5, -1, .max, "2026-13-01T00:00:00Z") }
        let video = try #require(try film.checked().video)
        #expect((video.duration, video.frameRate, video.bitRate, video.capturedAt) == (0, nil, nil, nil))
    }

    @Test func `nonsense about streams, picture and sound is left out and the rest is kept`() throws {
        let film = Self.film {
            ($0.container, $0.hdr, $0.videoProfile) = ("<b>", "p q", "a\u{1B}\n" + String(repeating: "x", count: 1000))
            ($0.pixelWidth, $0.pixelHeight, $0.bitDepth) = (-1, .max, 99)
            ($0.audioChannels, $0.audioSampleRate, $0.audioLayout) = (0, .max, "\u{0}")
            $0.streams = [.init(kind: "<i>", codec: "h264"), .init(kind: "data", codec: "bin_data", language: "d e u")]
                + Array(repeating: .init(kind: "audio", codec: "aac"), count: 1000)
        }
        let video = try #require(try film.checked().video)
        #expect((video.container, video.hdr, video.videoProfile) == (nil, nil, "a" + String(repeating: "x", count: 63)))
        #expect((video.pixelWidth, video.pixelHeight, video.bitDepth) == (nil, nil, nil))
        #expect((video.audioChannels, video.audioSampleRate, video.audioLayout) == (nil, nil, nil))
        #expect(video.streams?.count == 15 && video.streams?.first == .init(kind: "data", codec: "bin_data"))
    }

    @Test(arguments: [
        ("2026-06-01T14:03:21", true), ("2026-06-01T14:03:21Z", true), ("2026-06-01T14:03:21.5+02:00", true),
        ("2026-06-01 14:03:21", false), ("2026-06-01", false), ("", false), ("2026-06-01T14:03:21+02:00+02:00", false),
    ])
    func `a time is RFC 3339, with or without a zone`(text: String, isTime: Bool) {
        #expect(DecoderText.time(text) == (isTime ? text : nil))
    }
}
