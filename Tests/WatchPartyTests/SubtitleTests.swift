import Core
import Testing

@testable import WatchParty

@Suite("Subtitles") struct SubtitleTests {
    @Test(
        "times are read as people write them",
        arguments: [
            ("00:01:02.345", 62_345), ("00:01:02,345", 62_345), ("01:02.345", 62_345), ("100:00:00.000", 360_000_000), ("1:2", nil),
            ("00:61:00.000", nil), ("00:00:00", nil), ("-1:00:00.000", nil), ("a:b:c.ddd", nil), ("00:00:00.0000", nil), ("", nil),
        ] as [(String, Int64?)])
    func times(_ text: String, _ milliseconds: Int64?) { #expect(SubtitleText.milliseconds(text) == milliseconds) }

    @Test("SubRip becomes WebVTT: numbers, odd line ends and foreign tags are left out")
    func subRip() throws {
        let text = "\u{FEFF}1\r\n00:00:01,000 --> 00:00:02,000 X1:10 X2:20\r\n<font color=\"#fff\">Hi</font>\r\nyou\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\n{\\an8}<i>Up</i>\r\n"
        #expect(
            try SubtitleText.webVTT(from: text.utf8)
                == "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nHi\nyou\n\n00:00:03.000 --> 00:00:04.000\n<i>Up</i>\n")
    }

    @Test("of WebVTT the cues and their places stay; styles, notes and whatever else could do something go")
    func webVTT() throws {
        let text = """
            WEBVTT - title

            STYLE
            ::cue { background: url(https://example.org/) }

            NOTE hello

            intro
            00:01.000 --> 00:02.000 align:start position:10% onload:x
            Hello --> there
            """
        #expect(
            try SubtitleText.webVTT(from: text.utf8)
                == "WEBVTT\n\n00:00:01.000 --> 00:00:02.000 align:start position:10%\nHello --&gt; there\n")
    }

    @Test(
        "what is no subtitles is refused",
        arguments: [[], [0xFF, 0xFE], Array("WEBVTT\n".utf8), Array("hello".utf8), Array("1\n00:00:02,000 --> 00:00:01,000\nback\n".utf8), Array("a\0b".utf8)] as [[UInt8]])
    func refused(_ bytes: [UInt8]) { #expect(throws: Problem.self) { try SubtitleText.webVTT(from: bytes) } }

    @Test("tags of SubRip are taken out, and what only looks like one stays", arguments: [
        ("<font color=\"#fff\">Hi</font>", "Hi"), ("<FONT>Hi</Font>", "Hi"), ("{\\an8}Up {there}", "Up {there}"), ("<i>Hi</i>", "<i>Hi</i>"),
        ("1 < 2 <font", "1 < 2 <font"), ("é{\\b1}é<font>é", "ééé"), ("{\\an8", "{\\an8"), ("<", "<"), ("", ""),
    ])
    func tags(line: String, text: String) { #expect(SubtitleText.withoutTags(line) == text) }

    @Test("a line costs no more than its length, whatever it is made of", .timeLimit(.minutes(1)), arguments: ["<font", "{\\", "</FONT ", "<{"])
    func cost(piece: String) {
        let line = String(repeating: piece, count: (1 << 20) / piece.utf8.count)
        #expect(SubtitleText.withoutTags(line) == line)
    }

    private static let shown = "00:00:01,000 --> 00:00:02,000\n"

    @Test("what nobody could read is refused: a line without an end, a screen full of lines", arguments: [
        (shown + String(repeating: "<font", count: 200_000), false), (shown + String(repeating: "{\\", count: 500_000), false),
        (shown + String(repeating: "x", count: 2001), false), (shown + String(repeating: "x", count: 2000), true),
        (shown + String(repeating: "x\r\n", count: 51), false), (shown + String(repeating: "x\r\n", count: 50), true),
    ])
    func bounds(text: String, isTaken: Bool) { #expect(((try? SubtitleText.webVTT(from: text.utf8)) != nil) == isTaken) }

    @Test("what a tag leaves behind is no line and no arrow")
    func remains() throws {
        #expect(
            try SubtitleText.webVTT(from: (Self.shown + "<font>\n--<font>> 5\n").utf8)
                == "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n--&gt; 5\n")
        #expect(throws: Problem.self) { try SubtitleText.webVTT(from: (Self.shown + "<font></font>\n").utf8) }
    }

    @Test("whatever comes, it is refused or becomes WebVTT that says the same when it is read again")
    func fuzz() throws {
        var random = SystemRandomNumberGenerator()
        let pieces = ["1", "\n", "\n\n", "00:00:01,000", " --> ", "00:00:02.000", "text", "-->", "<font>", "{\\an8}", "\r", ":", "é", " "]
        for _ in 0..<2000 {
            let text = (0..<Int.random(in: 0..<30, using: &random)).map { _ in pieces.randomElement(using: &random)! }.joined()
            guard let once = try? SubtitleText.webVTT(from: text.utf8) else { continue }
            #expect(try SubtitleText.webVTT(from: once.utf8) == once, "\(text.debugDescription)")
        }
    }
}
