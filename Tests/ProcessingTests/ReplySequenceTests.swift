import Core
import Testing

@testable import Processing

@Suite struct ReplySequenceTests {
    static let facts = MediaFacts(kind: .photo, contentType: "image/jpeg", width: 6000, height: 4000)

    static let film = MediaFacts(
        kind: .video, contentType: "video/mp4", width: 1280, height: 720,
        video: .init(
            duration: 1000, videoCodec: "h264", audioCodec: nil, rotation: 0, frameRate: nil, bitRate: nil, capturedAt: nil))

    /// Under the name that it should have, unless told otherwise.
    static func file(
        _ name: RenditionName, _ format: MediaFormat, _ path: String? = "", width: Int = 320, height: Int = 200
    ) -> DecodedFile {
        let path = path == "" ? "\(name.rawValue).\(format.fileExtension)" : path
        return DecodedFile(name: name, format: format, file: path, width: width, height: height)
    }

    static func stream(_ format: MediaFormat, _ path: String? = nil, width: Int = 1280) -> DecodedFile {
        file(.stream, format, path, width: width, height: 720)
    }

    @Test func `the first size's JPEG lets the photo be shown`() throws {
        var sequence = ReplySequence(.standard)
        #expect(try sequence.take(.facts(Self.facts)) == .facts(Self.facts))
        for (file, isFirst) in [
            (Self.file(.thumb, .webp), false), (Self.file(.thumb, .jpeg), true), (Self.file(.small, .jpeg), false),
        ] {
            #expect(try sequence.take(.rendition(file)) == .file(file, isFirst: isFirst))
        }
        #expect(try sequence.take(.done) == .finish)
    }

    @Test func `a film has a poster, and a stream that may be the original`() throws {
        for stream in [Self.stream(.mp4), Self.stream(.mp4, "stream.mp4"), Self.stream(.mov, "stream.mov")] {
            var sequence = ReplySequence(.standard)
            _ = try sequence.take(.facts(Self.film))
            for file in [Self.file(.thumb, .jpeg), Self.file(.poster, .webp, width: 1280), stream] {
                _ = try sequence.take(.rendition(file))
            }
            #expect(try sequence.take(.done) == .finish)
        }
    }

    @Test func `a film has files that play it, and small stills`() throws {
        var sequence = ReplySequence(.standard)
        _ = try sequence.take(.facts(Self.film))
        for file in [
            Self.file(.segments, .mp4, width: 1280, height: 720), Self.file(.segments, .m3u8, width: 1280, height: 720),
            Self.file(.hls, .m3u8, width: 1280, height: 720), Self.file(.sprite, .jpeg, width: 1600, height: 1080),
            Self.file(.sprite, .vtt, width: 1600, height: 1080),
        ] {
            #expect(try sequence.take(.rendition(file)) == .file(file, isFirst: false))
        }
    }

    @Test(arguments: [
        [.done], [.facts(facts), .done], [.facts(facts), .facts(facts)], [.rendition(file(.thumb, .jpeg))],
        [.facts(facts), .rendition(file(.thumb, .jpeg, width: -1))],
        [.facts(facts), .rendition(file(.thumb, .jpeg, width: 321))],
        [.facts(facts), .rendition(file(.thumb, .jpeg, "../thumb.jpg"))],
        [.facts(facts), .rendition(file(.thumb, .jpeg, "/etc/passwd"))],
        [.facts(facts), .rendition(file(.thumb, .jpeg, "small.jpg"))],
        [.facts(facts), .rendition(file(.thumb, .jpeg, nil))],
        [.facts(facts), .rendition(file(.thumb, .png))], [.facts(facts), .rendition(file(.thumb, .mp4))],
        [.facts(facts), .rendition(file(.poster, .jpeg))], [.facts(facts), .rendition(stream(.mp4))],
        [.facts(film), .rendition(stream(.webm))], [.facts(film), .rendition(stream(.jpeg, "stream.jpg"))],
        [.facts(film), .rendition(stream(.mp4, width: 99))],
        [.facts(facts), .rendition(file(.sprite, .jpeg))], [.facts(film), .rendition(file(.sprite, .webp))],
        [.facts(film), .rendition(file(.sprite, .jpeg, width: 1601))], [.facts(film), .rendition(file(.sprite, .vtt, nil))],
        [.facts(film), .rendition(file(.hls, .mp4, width: 1280, height: 720))],
        [.facts(film), .rendition(file(.segments, .mp4, nil, width: 1280, height: 720))],
        [.facts(film), .rendition(file(.segments, .m3u8, width: 1, height: 720))],
        [.facts(facts), .rendition(file(.thumb, .jpeg)), .rendition(file(.thumb, .jpeg))],
    ] as [[DecodeReply]])
    func `a decoder that breaks the rules is not believed`(replies: [DecodeReply]) throws {
        var sequence = ReplySequence(.standard)
        for reply in replies.dropLast() { _ = try sequence.take(reply) }
        let last = try #require(replies.last)
        #expect(throws: DecoderConversation.End.self) { try sequence.take(last) }
    }

    @Test(arguments: [
        (.thumbnail, [.rendition(file(.thumb, .webp)), .done]), (.thumbnail, [.rendition(file(.small, .jpeg))]),
        (.rest, [.rendition(file(.thumb, .jpeg))]), (.rest, [.done]), (.thumbnail, [.rendition(stream(.mp4))]),
        (.all, [.rendition(file(.thumb, .avif))]), (.avif, [.rendition(file(.thumb, .jpeg))]), (.avif, [.rendition(stream(.mp4))]),
        (.avif, [.rendition(file(.sprite, .avif))]), (.avif, [.rendition(file(.small, .avif, width: 641))]),
        (.avif, [.rendition(file(.thumb, .avif)), .rendition(file(.small, .avif)), .done]),
        (.film, [.done]), (.film, [.rendition(file(.thumb, .jpeg))]), (.film, [.rendition(file(.sprite, .jpeg))]),
        (.film, [.rendition(file(.stream, .mov, width: 640, height: 360))]), (.film, [.rendition(stream(.mp4))]),
        (.film, [.rendition(file(.stream, .mp4, width: 1282, height: 720))]),
        (.film, [.rendition(file(.segments, .mp4, width: 640, height: 360)), .done]),
    ] as [(DecodePart, [DecodeReply])])
    func `what belongs to the other part is not taken`(part: DecodePart, replies: [DecodeReply]) throws {
        var sequence = ReplySequence(.standard, part)
        for reply in [.facts(Self.film)] + replies.dropLast() { _ = try sequence.take(reply) }
        let last = try #require(replies.last)
        #expect(throws: DecoderConversation.End.self) { try sequence.take(last) }
    }

    @Test(arguments: [(.thumbnail, [.thumb]), (.rest, [.small, .medium, .large]), (.all, [.thumb, .small, .medium, .large])]
        as [(DecodePart, [RenditionName])])
    func `a part is done when its files are there`(part: DecodePart, names: [RenditionName]) throws {
        var sequence = ReplySequence(.standard, part)
        _ = try sequence.take(.facts(Self.facts))
        for name in names {
            let step = try sequence.take(.rendition(Self.file(name, .jpeg)))
            #expect(step == .file(Self.file(name, .jpeg), isFirst: name == .thumb))
        }
        #expect(try sequence.take(.done) == .finish)
    }

    @Test func `a film that is encoded anew is no larger than it was, but for an even number of pixels`() throws {
        var sequence = ReplySequence(.standard, .film)
        _ = try sequence.take(.facts(Self.film))
        for (name, format) in [(.stream, .mp4), (.segments, .mp4), (.segments, .m3u8), (.hls, .m3u8)] as [(RenditionName, MediaFormat)] {
            let file = Self.file(name, format, width: 1281, height: 360)
            #expect(try sequence.take(.rendition(file)) == .file(file, isFirst: false))
        }
        #expect(try sequence.take(.done) == .finish)
    }

    @Test func `a picture that moves is one that was asked for, and no larger than that`() throws {
        let moving = Self.file(.animation, .webp, width: 1280)
        let gif = MediaFacts(kind: .photo, contentType: "image/gif", width: 2000, height: 1000)
        var recipe = Recipe.standard
        recipe.animation = .medium
        for (recipe, facts, file, isTaken) in [
            (recipe, gif, moving, true), (.standard, gif, moving, false), (recipe, Self.facts, moving, false),
            (recipe, gif, Self.file(.animation, .webp, width: 1281), false), (recipe, gif, Self.file(.animation, .jpeg), false),
        ] {
            var sequence = ReplySequence(recipe, .rest)
            _ = try sequence.take(.facts(facts))
            #expect((try? sequence.take(.rendition(file))) == (isTaken ? .file(file, isFirst: false) : nil))
        }
    }

    @Test func `AVIF files of all sizes, and of a film's poster, are what a wish asks for, and never let a photo be shown`() throws {
        var sequence = ReplySequence(.standard, .avif)
        _ = try sequence.take(.facts(Self.film))
        for name in [RenditionName.thumb, .small, .medium, .large, .poster] {
            #expect(try sequence.take(.rendition(Self.file(name, .avif))) == .file(Self.file(name, .avif), isFirst: false))
        }
        #expect(try sequence.take(.done) == .finish)
    }

    @Test func `an unknown failure code and control characters do not reach people`() throws {
        var sequence = ReplySequence(.standard)
        let odd = try sequence.take(.failed(ProcessingFailure(code: "<script>", detail: "x")))
        #expect(odd == .refused(RetryPolicy.failure(for: .ours)))
        let long = ProcessingFailure(code: "damaged", detail: "a\u{1B}[31m" + String(repeating: "b", count: 1000))
        guard case .refused(let failure) = try sequence.take(.failed(long)) else { return #expect(Bool(false)) }
        #expect(failure.detail.hasPrefix("a[31mb") && failure.detail.count == 300)
    }
}

@Suite struct DecoderConversationTests {
    @Test func `a reply that nobody asked for ends the conversation`() throws {
        var conversation = DecoderConversation()
        let done = Array(try JSON.encode(DecodeReply.done))
        #expect(throws: DecoderConversation.End.self) { try conversation.received(done) }
        try conversation.requestSent()
        #expect(try conversation.received(done) == .done)
        #expect(conversation.jobsEnded == 1)
        #expect(throws: DecoderConversation.End.self) { try conversation.received(done) }
    }

    @Test func `the first cause of an end stays`() {
        var conversation = DecoderConversation()
        #expect(conversation.ended(.timedOut) == .timedOut)
        #expect(conversation.ended(.exited) == .timedOut)
        #expect(throws: DecoderConversation.End.interrupted) { try conversation.requestSent() }
    }
}

@Suite struct LineLimiterTests {
    @Test func `lines are cut, counted and reported`() {
        var limiter = LineLimiter()
        let start = ContinuousClock.now
        #expect(limiter.take("one\n\ntwo".utf8, at: start) == ["one"])
        #expect(limiter.take("!\n".utf8, at: start) == ["two!"])
        let long = String(repeating: "x", count: 5000) + "\n"
        #expect(limiter.take(long.utf8, at: start).map(\.utf8.count) == [LineLimiter.maxLength])
        let flood = String(repeating: "noise\n", count: 1000)
        #expect(limiter.take(flood.utf8, at: start).count == LineLimiter.maxLines - 3)
        #expect(limiter.take("later\n".utf8, at: start + .seconds(11)) == ["953 lines left out", "later"])
        #expect(limiter.take("rest".utf8, at: start + .seconds(11)) == [])
        #expect(limiter.finish(at: start + .seconds(11)) == ["rest"])
    }
}
