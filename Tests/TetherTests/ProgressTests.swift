import Core
import Testing

@testable import Tether

@Suite("Progress")
struct ProgressTests {
    private static func picture() -> TetherPicture {
        var picture = TetherPicture()
        picture.rows = [
            .init(name: "IMG_0001.JPG", phase: .sending, bytes: 5_000_000, size: 10_000_000),
            .init(name: "\u{1B}[2Jевил\u{202E}.jpg", phase: .hashing, bytes: 1, size: 3),
            .init(name: "花嫁と花婿の長い長い長い名前の写真です.jpg", phase: .confirming, bytes: 9, size: 9),
        ]
        picture.sentFiles = 7
        picture.sentBytes = 5_000_000
        picture.waitingFiles = 3
        picture.waitingBytes = 15_000_000
        picture.rate = 1_000_000
        return picture
    }

    @Test("is told in files, bytes, rate and what is left")
    func total() {
        let lines = ProgressText(columns: 110).lines(Self.picture())
        #expect(lines.count == 4)
        #expect(lines[0] == "IMG_0001.JPG                 [###############...............] 5.0 MB of 10.0 MB 50%")
        #expect(lines[3].hasPrefix("Total  "))
        #expect(lines[3].hasSuffix("7 of 10 files, 10.0 MB of 20.0 MB, 1.0 MB/s, 0:09 left"))
    }

    @Test("fits every terminal, and none of its names can steer it", arguments: [0, 1, 2, 8, 20, 40, 60, 80, 200])
    func widths(columns: Int) {
        for line in ProgressText(columns: columns).lines(Self.picture()) {
            #expect(TerminalText.width(line) <= max(0, columns - 1))
            #expect(!line.unicodeScalars.contains { $0.value < 32 || $0.value == 0x202E })
        }
    }

    @Test("leaves room on a low terminal", arguments: [(1, 1), (3, 1), (4, 2), (24, 4)])
    func heights(rows: Int, lines: Int) {
        #expect(ProgressText(columns: 80, rows: rows).lines(Self.picture()).count == lines)
    }

    @Test("says what it waits for")
    func trouble() {
        var picture = TetherPicture()
        #expect(ProgressText(columns: 80).lines(picture) == ["Waiting for files, 0 sent (0 B)"])
        picture.trouble = "The server cannot be reached."
        picture.pause = .seconds(12)
        picture.waitingFiles = 2
        let expected = "The server cannot be reached. Trying again in 12 s. 2 files wait."
        #expect(ProgressText(columns: 80).lines(picture) == [expected])
    }

    @Test("measures the rate of the last moments alone")
    func rate() {
        let start = ContinuousClock.now
        var meter = RateMeter()
        meter.note(0, at: start)
        #expect(meter.rate == nil)
        meter.note(1000, at: start + .seconds(1))
        #expect(meter.rate == 1000)
        for second in 2...30 { meter.note(1000, at: start + .seconds(second)) }
        #expect(meter.rate == 0)
        meter.note(10, at: start + .seconds(31))
        #expect(meter.rate == nil)
    }

    @Test("of an event is one line, for a person and for a script")
    func events() {
        let file = FileReport(path: "/shoot/a.jpg", size: 2_000_000, sha256: "ab", url: "u", duration: .milliseconds(1250))
        #expect(TetherEvent.sent(file, asDuplicate: false).line == "sent  a.jpg (2.0 MB) in 1.2 s")
        let expected: JSONValue = [
            "event": "sent", "duplicate": true, "file": "/shoot/a.jpg", "milliseconds": 1250, "sha256": "ab", "size": 2_000_000,
            "upload": "u",
        ]
        #expect(TetherEvent.sent(file, asDuplicate: true).json == expected)
        #expect(TetherEvent.refused(file, "Too large.").line == "refused  a.jpg (2.0 MB): Too large.")
    }

    @Test("ends with what a script acts on", arguments: [
        (TetherEnding(), true, Int32(0)), (TetherEnding(sent: 3), true, 0), (TetherEnding(refused: 1), true, 1),
        (TetherEnding(left: 1), true, 1), (TetherEnding(left: 1, isInterrupted: true), false, 0),
        (TetherEnding(stopped: "no"), true, 77), (TetherEnding(stopped: "no"), false, 77),
    ])
    func codes(ending: TetherEnding, once: Bool, code: Int32) { #expect(ending.exitCode(once: once) == code) }
}
