import Core
import Testing

@testable import Accounts

@Suite struct AttemptLimitsTests {
    private let clock = ManualClock()

    private func allowed(_ limits: AttemptLimits, _ key: String, of count: Int = 200) async -> Int {
        var allowed = 0
        for _ in 0..<count where (try? await limits.attempt(key)) != nil { allowed += 1 }
        return allowed
    }

    @Test(arguments: [
        ("login:192.0.2.1", 20, 3), ("pair:192.0.2.1 anna", 5, 60), ("account:anna", 100, 6),
        ("code:192.0.2.1", 10, 6), ("register:192.0.2.1", 10, 60), ("guess:192.0.2.1 a", 10, 6), ("crowd:a", 60, 1), ("visit:a", 120, 1),
        ("anything", 10, 6),
    ])
    func `a burst is allowed, then one per interval`(key: String, burst: Int, seconds: Int) async {
        let limits = AttemptLimits(limiter: LocalRateLimiter(clock: clock))
        #expect(await allowed(limits, key) == burst)
        clock.advance(by: .seconds(seconds) - .milliseconds(1))
        #expect(await allowed(limits, key) == 0)
        clock.advance(by: .milliseconds(1))
        #expect(await allowed(limits, key) == 1)
        clock.advance(by: .seconds(seconds * 3))
        #expect(await allowed(limits, key) == 3)
        clock.advance(by: .seconds(seconds * 1000))
        #expect(await allowed(limits, key) == burst)
    }

    @Test func `a refusal says when to come back`() async {
        let limits = AttemptLimits(limiter: LocalRateLimiter(clock: clock))
        _ = await allowed(limits, "pair:a")
        clock.advance(by: .milliseconds(2500))
        await #expect(throws: Problem.tooMany(retryAfter: .milliseconds(57_500))) { try await limits.attempt("pair:a") }
    }

    @Test func `keys do not share a bucket, and a success forgets one`() async {
        let limits = AttemptLimits(limiter: LocalRateLimiter(clock: clock))
        #expect(await allowed(limits, "pair:a") == 5)
        #expect(await allowed(limits, "pair:b") == 5)
        await limits.succeed("pair:a")
        #expect(await allowed(limits, "pair:a") == 5)
        #expect(await allowed(limits, "pair:b") == 0)
    }

    @Test func `a refund gives back one attempt and never more than a full bucket`() async {
        let limits = AttemptLimits(limiter: LocalRateLimiter(clock: clock))
        _ = await allowed(limits, "pair:a")
        await limits.refund("pair:a")
        #expect(await allowed(limits, "pair:a") == 1)
        for _ in 0..<10 { await limits.refund("pair:b") }
        #expect(await allowed(limits, "pair:b") == 5)
    }

    @Test func `a clock that is set back neither gives nor takes`() async {
        let limits = AttemptLimits(limiter: LocalRateLimiter(clock: clock))
        _ = await allowed(limits, "pair:a")
        clock.advance(by: .seconds(-3600))
        #expect(await allowed(limits, "pair:a") == 0)
        clock.advance(by: .seconds(60))
        #expect(await allowed(limits, "pair:a") == 1)
    }

    @Test(arguments: [
        ("code:2001:db8:1:2:3:4:5:6", "code:2001:db8:1:2::1", true), ("code:2001:db8:1:2::1", "code:2001:db8:1:3::1", false),
        ("code:::ffff:192.0.2.1", "code:::ffff:192.0.2.1", true), ("code:::ffff:192.0.2.1", "code:192.0.2.1", true),
        ("code:192.0.2.1", "code:192.0.2.2", false), ("code:fe80::1%eth0", "code:fe80::2", true),
        ("guess:2001:db8:1:2:3::4 a", "guess:2001:db8:1:2::1 a", true), ("guess:2001:db8:1:2::1 a", "guess:2001:db8:1:2::1 b", false),
        ("guess:192.0.2.1 a", "guess:192.0.2.1 b", false), ("guess:::ffff:192.0.2.1 a", "guess:192.0.2.1 a", true),
    ])
    func `an IPv6 network counts as one address`(left: String, right: String, isSame: Bool) {
        #expect((AttemptKey.normalized(left) == AttemptKey.normalized(right)) == isSame)
    }

    @Test func `memory is bounded, and what is in use is kept`() async {
        let limits = AttemptLimits(limiter: LocalRateLimiter(capacity: 100, clock: clock))
        _ = await allowed(limits, "login:attacker")
        for number in 0..<1000 {
            _ = await allowed(limits, "login:\(number)", of: 1)
            #expect(await allowed(limits, "login:attacker", of: 1) == 0)
        }
    }

    @Test func `a map forgets what was not looked at for longest`() {
        var map = RecencyMap<Int, Int>(capacity: 10)
        for number in 0..<10 { map[number] = number }
        // Looking is using.
        _ = map[0]
        map[10] = 10
        let kept = [map[0], map[1], map[10]]
        #expect(kept == [0, nil, 10])
        #expect(map.count <= 10)
    }
}
