import Core
import Testing

@testable import Community

@Suite struct TextTests {
    @Test("a message has something to see and nothing that steers", arguments: [
        ("Hello", "Hello"), ("  two\nlines \n", "two\nlines"), (String(repeating: "é", count: 4000), String(repeating: "é", count: 4000)),
        ("👩‍👩‍👧", "👩‍👩‍👧"), ("", nil), (" \n ", nil), ("\u{200B}\u{200D}", nil), ("a\u{0}b", nil), ("a\tb", nil), ("a\u{1B}[31m", nil),
        ("a\u{85}b", nil), (String(repeating: "a", count: 4001), nil),
    ] as [(String, String?)])
    func text(_ text: String, _ expected: String?) { #expect((try? MessageText.checked(text)) == expected) }

    @Test("a reaction is one emoji", arguments: [
        ("👍", true), ("❤", true), ("❤️", true), ("1️⃣", true), ("👨‍👩‍👧‍👦", true), ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", true), ("👩🏽‍❤️‍💋‍👨🏽", true), ("🇩🇪", true), ("©", true),
        ("1", false), ("#", false), ("a", false), ("é", false), ("👍👍", false), ("👍 ", false), ("", false), ("x", false),
        ("👍" + String(repeating: "\u{301}", count: 40), false),
    ])
    func emoji(_ text: String, _ isEmoji: Bool) { #expect(((try? Emoji.checked(text)) != nil) == isEmoji) }

    @Test("the filter finds words, however they are written", arguments: [
        (["darn"], "Darn!", true), (["darn"], "ｄａｒｎ", true), (["darn"], "da\u{200B}r\u{AD}n", true), (["darn"], "darning", false),
        (["Ｄärn"], "DA\u{308}RN", true), (["darn"], "da rn", false), (["go away"], "just GO,  away now", true), (["go away"], "away go", false),
        (["go away"], "go far away", false), (["笨蛋"], "你这个笨蛋啊", true), (["バカ"], "ﾊﾞｶだね", true), (["!!"], "what!!", false),
        ([], "anything", false), (["x1"], "x1", true),
    ])
    func filter(_ words: [String], _ text: String, _ isRefused: Bool) throws {
        #expect(WordFilter(try WordFilter.normalised(words)).refuses(FoldedText(text)) == isRefused)
    }

    @Test func `an entry has a few words at most`() {
        #expect(throws: Problem.self) { try WordFilter.normalised(["one two three four five six"]) }
    }

    @Test func `the longest text is gone through in no time, with the fullest filter`() throws {
        let words = try WordFilter.normalised((0..<500).map { "笨\($0)" } + (0..<500).map { "word\($0)" })
        // Words that are alike up to their ends.
        let alike = try WordFilter.normalised((0..<500).map { String(repeating: "笨", count: 57) + "\($0)" })
        for (words, text) in [(words, String(repeating: "笨 a", count: 1333)), (alike, String(repeating: "笨", count: 4000))] {
            let filter = WordFilter(words)
            let time = ContinuousClock().measure { _ = filter.refuses(FoldedText(text)) }
            #expect(time < .seconds(2))
        }
    }

    @Test("people are named in one way", arguments: [
        "user:01939a2e-7c1b-7d4e-9b54-0c9f5a3de001", "guest:01939a2e-7c1b-7d4e-9b54-0c9f5a3de001",
    ])
    func person(_ text: String) throws { #expect(try #require(Person(text)).text == text) }

    @Test("nothing else names a person", arguments: ["", "user", "user:", "user:x", "01939a2e-7c1b-7d4e-9b54-0c9f5a3de001", "key:01939a2e-7c1b-7d4e-9b54-0c9f5a3de001"])
    func noPerson(_ text: String) { #expect(Person(text) == nil) }

    struct Standing: Sendable {
        var isOn = true
        var isActive = true
        var isModerator = false
        var mute: Int64?? = .none
        /// In a party.
        var mayTalk: Bool?
        var refusal: String?
    }

    @Test("the floor is given by one rule", arguments: [
        Standing(), Standing(isOn: false, refusal: "chat_off"), Standing(isActive: false, refusal: "session_ended"),
        Standing(isOn: false, isModerator: true, refusal: "chat_off"), Standing(mute: .some(nil), refusal: "muted"),
        Standing(mute: 1001, refusal: "muted"), Standing(mute: 1000), Standing(isModerator: true, mute: .some(nil)),
        Standing(mayTalk: true), Standing(mayTalk: false, refusal: "grant_missing"), Standing(isModerator: true, mayTalk: false),
    ])
    func floor(_ standing: Standing) {
        let now = Timestamp(milliseconds: 1000)
        let mute = standing.mute.map {
            Mute(person: .user(UserID(at: now)), name: "", until: $0.map { Timestamp(milliseconds: $0) }, createdAt: now)
        }
        let scene = standing.mayTalk.map { PartyScene(moment: nil, maySpeak: $0) }
        let floor = Floor(isOn: standing.isOn, isActive: standing.isActive, isModerator: standing.isModerator, mute: mute, scene: scene)
        #expect(code { try floor.check(at: now) } == standing.refusal)
    }

    @Test("the pace is kept by everybody but moderators", arguments: [
        (nil, 10, false, nil), (0, 10, false, 9), (-9000, 10, false, nil), (-8999, 10, false, 1), (-1, 10, false, 9), (1000, 10, true, nil), (1000, 0, false, nil),
        // A clock that was set back.
        (100_000, 10, false, 10),
    ] as [(Int64?, Int, Bool, Int64?)])
    func pace(_ last: Int64?, _ slow: Int, _ isModerator: Bool, _ wait: Int64?) {
        let floor = Floor(isOn: true, isActive: true, isModerator: isModerator)
        var waited: Int64?
        do {
            try floor.checkPace(since: last.map { Timestamp(milliseconds: $0) }, slowModeSeconds: slow, at: Timestamp(milliseconds: 1000))
        } catch { waited = (error as? Problem)?.members["retryAfter"]?.integerValue }
        #expect(waited == wait)
    }

    private func code(_ body: () throws -> Void) -> String? {
        do { try body() } catch { return (error as? Problem)?.code }
        return nil
    }
}
