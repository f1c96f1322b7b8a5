import Core
import NIOCore
import Testing

@testable import Realtime

@Suite("The inbox of an event loop")
struct HubInboxTests {
    static let (one, two) = (Topic.session(HubTests.session), Topic.session(HubTests.other))

    static func durable(_ offset: Int64, bytes: Int = 10) -> HubEvent {
        HubEvent(kind: .durable(offset: offset), frame: ByteBuffer(repeating: 0x61, count: bytes))
    }
    static func ephemeral(bytes: Int = 10) -> HubEvent {
        HubEvent(kind: .ephemeral(key: "k"), frame: ByteBuffer(repeating: 0x62, count: bytes))
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

    @Test("a run is no longer than what a follower is written at once, unless one event is")
    func longRuns() {
        var inbox = HubInbox()
        for offset in 1...8 { _ = inbox.append(Self.one, Self.durable(Int64(offset), bytes: HubInbox.maxRunBytes / 3)) }
        _ = inbox.append(Self.one, Self.durable(9, bytes: HubInbox.maxRunBytes * 2))
        let runs = inbox.take().runs
        #expect(runs.map(\.events.count) == [2, 2, 2, 2, 1])
    }

    @Test("without room an ephemeral event is dropped, and for a durable one everything is given up and said")
    func bound() {
        var inbox = HubInbox()
        let big = HubInbox.maxBytes / 4
        for offset in 1...3 { _ = inbox.append(Self.one, Self.durable(Int64(offset), bytes: big)) }
        var wakes = [inbox.append(Self.one, Self.ephemeral(bytes: big)), inbox.append(Self.one, Self.ephemeral())]
        var full = inbox
        let kept = inbox.take()
        #expect(!kept.isIncomplete && kept.runs.flatMap(\.events).count == 4)
        wakes += [full.append(Self.one, Self.durable(4, bytes: big)), full.append(Self.one, Self.durable(5))]
        let lost = full.take()
        #expect(lost.isIncomplete && lost.runs.isEmpty)
        wakes.append(full.append(Self.one, Self.durable(6)))
        #expect(wakes == [false, false, false, false, true])
    }

    @Test("a run's frames are those of its events, and its offsets those of the durable ones")
    func frames() {
        let run = TopicRun(Self.one, [Self.ephemeral(bytes: 1), Self.durable(4, bytes: 2), Self.durable(7, bytes: 1), Self.ephemeral(bytes: 1)])
        #expect(String(buffer: run.frames) == "baaab")
        #expect(run.offsets == 4...7)
        #expect(TopicRun(Self.one, [Self.ephemeral()]).offsets == nil)
    }
}
