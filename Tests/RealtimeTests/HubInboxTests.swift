import Core
import Sockets
import Testing

@testable import Realtime

@Suite("The inbox of an event loop")
struct HubInboxTests {
    static let (one, two) = (Topic.session(HubTests.session), Topic.session(HubTests.other))

    static let time = Timestamp(milliseconds: 0)

    static func durable(_ offset: Int64, bytes: Int = 10) -> HubEvent {
        let event = DurableEvent(topic: one, name: "durable", data: String(repeating: "a", count: bytes))
        return HubEvent(PublishedEvent(event: event, offset: offset, at: time))
    }
    static func ephemeral(bytes: Int = 10) -> HubEvent {
        HubEvent(EphemeralEvent(topic: one, name: "ephemeral", key: "k", data: String(repeating: "b", count: bytes), at: time))
    }

    @Test("joins neighbours of a topic, keeps the order of coming, and has the loop woken once")
    func runs() {
        var inbox = HubInbox()
        let wakes = [(Self.one, 1), (Self.one, 2), (Self.two, 3), (Self.one, 4)].map { inbox.append($0, Self.durable($1)) }
        let contents = inbox.take()
        let (nothing, next) = (inbox.take(), inbox.append(Self.one, Self.durable(5)))
        #expect(wakes == [true, false, false, false] && next)
        #expect(contents.runs.map(\.topic) == [Self.one, Self.two, Self.one])
        #expect(contents.runs.map(\.events.count) == [2, 1, 1])
        #expect(nothing.runs.isEmpty)
    }

    @Test("what is handed out at a time is no more than a transport has room for, unless one event is; the loop comes for the rest")
    func longRuns() {
        var inbox = HubInbox()
        for offset in 1...5 { _ = inbox.append(Self.one, Self.durable(Int64(offset), bytes: HubInbox.maxTurnBytes / 3)) }
        _ = inbox.append(Self.one, Self.durable(6, bytes: HubInbox.maxTurnBytes * 2))
        var counts: [Int] = []
        var more: [Bool] = []
        repeat {
            let contents = inbox.take()
            counts.append(contents.runs.flatMap(\.events).count)
            more.append(contents.hasMore)
        } while more.last == true
        #expect(counts == [2, 2, 1, 1] && more == [true, true, true, false])
    }

    @Test("an event that is no later than the last begins a run of its own, so that it is looked at by itself")
    func again() {
        var inbox = HubInbox()
        for offset: Int64 in [1, 2, 2, 3] { _ = inbox.append(Self.one, Self.durable(offset)) }
        let runs = inbox.take().runs
        #expect(runs.map(\.events.count) == [2, 2])
    }

    @Test("a loss is said before anything that came after it, of which nothing is handed out")
    func loss() {
        var inbox = HubInbox()
        let wakes = [inbox.append(Self.one, Self.durable(1)), inbox.giveUp(), inbox.append(Self.one, Self.durable(300)), inbox.giveUp()]
        let contents = inbox.take()
        let (fresh, next) = (inbox.giveUp(), inbox.take())
        #expect(wakes == [true, false, false, false] && fresh)
        #expect(contents.isIncomplete && contents.runs.isEmpty && !contents.hasMore && next.isIncomplete)
    }

    @Test("without room an ephemeral event, to which half of it is open, is dropped, and for a durable one everything is given up and said")
    func bound() {
        var inbox = HubInbox()
        let big = HubInbox.maxBytes / 4
        for offset in 1...3 { _ = inbox.append(Self.one, Self.durable(Int64(offset), bytes: big)) }
        var wakes = [inbox.append(Self.one, Self.ephemeral())]
        var kept = inbox
        #expect((0..<3).map { _ in kept.take() }.allSatisfy { !$0.isIncomplete && $0.runs.flatMap(\.events).count == 1 })
        wakes += [inbox.append(Self.one, Self.durable(4, bytes: big)), inbox.append(Self.one, Self.durable(5))]
        let lost = inbox.take()
        #expect(lost.isIncomplete && lost.runs.isEmpty && !lost.hasMore)
        wakes.append(inbox.append(Self.one, Self.durable(6)))
        #expect(wakes == [false, false, false, true])
    }

    @Test("a run's messages are those of its events, and its offsets those of the durable ones")
    func runOfEvents() {
        let events = [Self.ephemeral(), Self.durable(4), Self.durable(7), Self.ephemeral()]
        let run = TopicRun(Self.one, events)
        #expect(run.json.messages.map(ObjectIdentifier.init) == events.map { ObjectIdentifier($0.json) })
        #expect(run.offsets == 4...7)
        #expect(TopicRun(Self.one, [Self.ephemeral()]).offsets == nil)
    }
}
