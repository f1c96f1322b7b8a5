import Testing

@testable import Realtime

@Suite("A subscription while it recovers")
struct SubscriptionTests {
    @Test("live events wait for the history, then come in order, and none twice")
    func waiting() {
        var subscription = Subscription()
        let early = ([4, 5, 6] as [Int64]).map { subscription.receive(HubInboxTests.durable($0)) }
        let waited = subscription.goLive(after: 5).map(\.offset)
        let late = ([6, 7, 7] as [Int64]).map { subscription.receive(HubInboxTests.durable($0)) }
        #expect(early == [false, false, false])
        #expect(waited == [6])
        #expect(late == [false, true, false])
    }

    @Test("too much waiting is said, not hidden, and the topic goes on with the newest")
    func overflow() {
        var subscription = Subscription()
        for offset in 1...Int64(Subscription.capacity + 1) { _ = subscription.receive(HubInboxTests.durable(offset)) }
        #expect(subscription.overflow == Int64(Subscription.capacity + 1))
        let waited = subscription.goLive(after: 3)
        let old = subscription.receive(HubInboxTests.durable(Int64(Subscription.capacity)))
        let new = subscription.receive(HubInboxTests.durable(Int64(Subscription.capacity + 2)))
        #expect(waited.isEmpty && !old && new)
    }

    @Test("a run is taken as a whole when all of it is new, the transport has room and the history has been read; else nothing changes")
    func wholeRuns() {
        var subscription = Subscription()
        func run(_ offsets: Int64...) -> TopicRun { TopicRun(HubInboxTests.one, offsets.map { HubInboxTests.durable($0) }) }
        let early = subscription.receive(run(1, 2)) { _ in true }
        _ = subscription.goLive(after: 2)
        let partlyOld = subscription.receive(run(2, 3)) { _ in true }
        let withoutRoom = subscription.receive(run(3, 4)) { _ in false }
        let new = subscription.receive(run(3, 4)) { _ in true }
        let again = subscription.receive(run(4)) { _ in true }
        let ephemeral = subscription.receive(TopicRun(HubInboxTests.one, [HubInboxTests.ephemeral()])) { _ in true }
        let next = subscription.receive(HubInboxTests.durable(5))
        #expect([early, partlyOld, withoutRoom, new, again, ephemeral, next] == [false, false, false, true, false, true, true])
    }

    @Test("whatever the interleaving of history and live events, each comes once and in order", arguments: 0..<200)
    func interleavings(seed: Int) {
        var random = SeededGenerator(state: UInt64(seed) &+ 1)
        let total = Int64.random(in: 1...40, using: &random)
        // The history is read at some moment; the relay may lag behind it or be ahead of it.
        let known = Int64.random(in: 0...total, using: &random)
        let liveFrom = Int64.random(in: 1...(known + 1), using: &random)
        let switchAt = Int64.random(in: (liveFrom - 1)...total, using: &random)
        var subscription = Subscription()
        var seen = Array(1..<(known + 1))
        for offset in stride(from: liveFrom, through: switchAt, by: 1) { _ = subscription.receive(HubInboxTests.durable(offset)) }
        seen += subscription.goLive(after: known).compactMap(\.offset)
        for offset in stride(from: switchAt + 1, through: total, by: 1)
        where subscription.receive(HubInboxTests.durable(offset)) { seen.append(offset) }
        #expect(seen == Array(1...max(total, known)))
    }
}

/// A seeded generator, so that a failing run can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
