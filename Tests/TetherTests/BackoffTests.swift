import Core
import Testing

@testable import Tether

@Suite("Trying again")
struct BackoffTests {
    @Test("waits twice as long each time, up to a minute", arguments: [(1, 1), (2, 2), (3, 4), (7, 60), (1000, 60), (0, 1)])
    func doubling(failures: Int, seconds: Int) {
        let backoff = Backoff()
        #expect(backoff.pause(after: failures, chance: 1) == .seconds(seconds))
        #expect(backoff.pause(after: failures, chance: 0) == .seconds(seconds) * 0.5)
    }

    @Test("is one file's business while the server is away")
    func outage() {
        let start = ContinuousClock.now
        var outage = Outage()
        #expect(outage.limit(3, at: start) == 3)
        outage.failed("gone", after: nil, at: start, chance: 1)
        // Those that were under way fail with it, and do not make it longer.
        outage.failed("gone too", after: nil, at: start + .milliseconds(10), chance: 1)
        #expect(outage.failures == 1)
        #expect(outage.reason == "gone")
        #expect(outage.limit(3, at: start + .milliseconds(999)) == 0)
        #expect(outage.limit(3, at: start + .seconds(1)) == 1)
        outage.failed("gone", after: nil, at: start + .seconds(1), chance: 1)
        #expect(outage.until == start + .seconds(3))
        let (first, second) = (outage.succeeded(), outage.succeeded())
        #expect(first)
        #expect(!second)
        #expect(outage.limit(3, at: start) == 3)
    }

    @Test("waits at least as long as the server asks")
    func asked() {
        let start = ContinuousClock.now
        var outage = Outage()
        outage.failed("full", after: .seconds(90), at: start, chance: 0)
        #expect(outage.until == start + .seconds(90))
    }

    @Test("is no outage when a server that is there asks for it")
    func lull() {
        let start = ContinuousClock.now
        var lull = Lull()
        #expect(lull.limit(3, at: start) == 3)
        var isTold = lull.asked("too many", for: .seconds(90), at: start, chance: 0)
        #expect(isTold)
        #expect(lull.reason == "too many" && lull.until == start + .seconds(90))
        #expect(lull.limit(3, at: start + .seconds(89)) == 0)
        // What was begun before ends meanwhile.
        lull.taken(at: start + .seconds(10))
        #expect(lull.limit(3, at: start + .seconds(89)) == 0)
        #expect(lull.limit(3, at: start + .seconds(90)) == 1)
        lull.taken(at: start + .seconds(91))
        #expect(lull.limit(3, at: start + .seconds(91)) == 3 && lull.reason == nil)
        // Again and again is told once.
        isTold = lull.asked("too many", for: .seconds(1), at: start + .seconds(92), chance: 0)
        #expect(!isTold)
        isTold = lull.asked("ended", for: .seconds(1), at: start + .seconds(99), chance: 0)
        #expect(isTold)
    }

    @Test("reads Retry-After in both forms, within bounds", arguments: [
        ("7", Duration.seconds(7)), ("0", .zero), ("999999", .seconds(300)), ("-1", nil), ("soon", nil), ("", nil),
        ("Fri, 15 Jan 2027 08:00:30 GMT", .seconds(30)), ("Fri, 15 Jan 2027 07:00:00 GMT", .zero),
    ])
    func retryAfter(text: String, expected: Duration?) {
        #expect(RetryAfter.parse(text, at: Timestamp(milliseconds: 1_800_000_000_000)) == expected)
    }
}

@Suite("What may be begun")
struct ScheduleTests {
    @Test("one place is kept free of films", arguments: [
        (3, [FileKind](), FileKind?.some(.film)), (3, [.film], .film), (3, [.film, .film], .raw),
        (3, [.film, .film, .picture], nil), (1, [], .film), (1, [.film], nil), (0, [], nil), (2, [.film], .raw), (2, [.picture], .film),
    ])
    func room(places: Int, busy: [FileKind], expected: FileKind?) {
        #expect(Schedule.room(places: places, busy: busy) == expected)
    }
}

@Suite("How long a doubtful file is held")
struct PatienceTests {
    private let now = Timestamp(milliseconds: 1_800_000_000_000)

    /// A file last written, and found to be so, that many seconds ago.
    private func file(age: Int64, noticed: Int64 = 0) -> SpooledFile {
        let facts = FileFacts(size: 1, modified: (now.milliseconds - age * 1000) * 1_000_000, inode: 1)
        return SpooledFile(
            id: 1, path: "/shoot/a.jpg", facts: facts, kind: .picture, state: .waiting, sha256: nil, uploadURL: nil, offset: 0,
            attempts: 0, noticedAt: now - .seconds(noticed))
    }

    @Test("depends on how sure it is", arguments: [
        (Wholeness.whole, 0, true), (.doubtful, 29, false), (.doubtful, 30, true), (.cut, 599, false), (.cut, 600, true),
        (.cut, -3600, true),
    ])
    func takes(wholeness: Wholeness, age: Int64, expected: Bool) {
        #expect(Patience().takes(.wholeness(wholeness), file(age: age), at: now) == expected)
    }

    @Test("and on who may write to it and how long it has stayed the same, whatever time it bears", arguments: [
        (Writers.nobody, 0, true), (.somebody, 599, false), (.somebody, 600, true), (.somebody, -599, false),
        (.somebody, -3600, true), (.unseen, 0, false), (.unseen, 4, false), (.unseen, 5, true), (.unseen, -4, false),
        (.unseen, -3600, true),
    ])
    func written(writers: Writers, noticed: Int64, expected: Bool) {
        for age in [-100_000, 0, 100_000] as [Int64] {
            #expect(Patience().takes(.writers(writers), file(age: age, noticed: noticed), at: now) == expected)
        }
    }

    @Test("and the next look is never in the past")
    func next() {
        for doubt in [Doubt.twin, .writers(.somebody), .writers(.unseen), .wholeness(.doubtful), .wholeness(.cut)] {
            for age in [-100_000, -1, 0, 100, 100_000] as [Int64] {
                #expect(Patience().next(doubt, file(age: age, noticed: age), at: now) > now)
            }
        }
        #expect(Patience().next(.wholeness(.cut), file(age: 100), at: now) == now + .seconds(500))
        #expect(Patience().next(.writers(.unseen), file(age: 100, noticed: 2), at: now) == now + .seconds(3))
    }
}

@Suite("Where the server is")
struct ServerAddressTests {
    @Test("is an http address", arguments: [
        ("http://h:8080", "http://h:8080"), ("HTTPS://Photos.Example.org/", "https://photos.example.org"),
        ("https://h/base/", "https://h/base"),
    ])
    func valid(text: String, normal: String) { #expect(ServerAddress(text)?.description == normal) }

    @Test("and nothing else", arguments: ["", "h", "ftp://h", "http://", "http://h?x=1", "http://u:p@h", "http://h/#f"])
    func invalid(text: String) { #expect(ServerAddress(text) == nil) }

    @Test("and the key goes nowhere else", arguments: [
        ("/api/uploads/1", "http://h:8080/api/uploads/1"), ("http://h:8080/api/uploads/1", "http://h:8080/api/uploads/1"),
        ("https://evil.example/api/uploads/1", "http://h:8080/api/uploads/1"),
        ("https://u:p@evil.example:9/x?y=1#z", "http://h:8080/x?y=1"), ("//evil.example/x", "http://h:8080/x"),
    ])
    func uploads(location: String, expected: String) {
        #expect(ServerAddress("http://h:8080")?.upload(location) == expected)
    }
}
