import NIOCore
import Testing

@testable import Sockets

typealias TestMachine = EngineMachine<String>

extension EngineMachine.Verdict {
    var actions: [EngineMachine.Action] {
        switch self {
        case .taken(let actions), .held(let actions), .refused(_, let actions): actions
        }
    }
    var refusal: EngineRefusal? { if case .refused(let refusal, _) = self { refusal } else { nil } }
}

/// What the tests of sessions agree on.
enum EngineFixture {
    static let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    static func at(_ milliseconds: Int64) -> NIODeadline { start + .milliseconds(milliseconds) }

    static var configuration: EngineConfiguration {
        var configuration = EngineConfiguration()
        configuration.pingInterval = .milliseconds(300)
        configuration.pingTimeout = .milliseconds(200)
        configuration.maxPayload = 1000
        configuration.maxQueuedBytes = 1000
        configuration.maxPacketsPerPayload = 50
        configuration.packetBurst = 20
        return configuration
    }

    static func polling() -> TestMachine { TestMachine(configuration: configuration, carrier: .polling, at: start) }

    static func webSocket() -> TestMachine { TestMachine(configuration: configuration, carrier: .webSocket("w"), at: start) }

    static func frame(_ text: String) -> EngineFrame { .text(ByteBuffer(string: text)) }
}

@Suite("A session of Engine.IO that polls")
struct EnginePollingTests {
    typealias Fixture = EngineFixture
    typealias Action = TestMachine.Action

    static func body(_ text: String) -> Action { .answerPoll(ByteBuffer(string: text)) }
    static let start = Fixture.at(0)

    static func post(_ machine: inout TestMachine, _ body: String, at time: NIODeadline = start) -> TestMachine.Verdict {
        #expect(machine.postBegan(at: time) == .taken([]))
        return machine.posted(ByteBuffer(string: body), at: time)
    }

    @Test("packets of a body are delivered in order")
    func delivers() {
        var machine = Fixture.polling()
        let verdict = Self.post(&machine, "4hello\u{1E}bAQIDBA==\u{1E}6\u{1E}4")
        #expect(
            verdict == .taken([
                .deliverText(ByteBuffer(string: "hello")), .deliverBinary(ByteBuffer(bytes: [1, 2, 3, 4])), .deliverText(ByteBuffer()),
            ]))
    }

    @Test("what waits is fetched by one poll, and what is sent in one turn leaves in one answer")
    func polls() {
        var machine = Fixture.polling()
        #expect(machine.send(Fixture.frame("a")) == [])
        #expect(machine.send(Fixture.frame("b")) == [])
        #expect(machine.pollArrived(at: Self.start) == .taken([Self.body("4a\u{1E}4b")]))
        #expect(machine.pollArrived(at: Self.start) == .taken([]))
        #expect(machine.send(Fixture.frame("c")) == [.awaitTurnEnd])
        #expect(machine.sendLatest(key: "k", Fixture.frame("d")) == [.awaitTurnEnd])
        #expect(machine.turnEnded() == [Self.body("4c\u{1E}4d")])
        #expect(machine.turnEnded() == [])
        #expect(machine.sendLatest(key: "k", Fixture.frame("1")) == [])
        #expect(machine.sendLatest(key: "k", Fixture.frame("2")) == [])
        #expect(machine.pollArrived(at: Self.start) == .taken([Self.body("42")]))
    }

    @Test("a poll takes no more packets than stock clients do, the next takes the rest, also at the end")
    func portions() {
        let portion = { (count: Int) in Self.body(Array(repeating: "6", count: count).joined(separator: "\u{1E}")) }
        var configuration = Fixture.configuration
        configuration.maxQueuedBytes = 10_000
        var machine = TestMachine(configuration: configuration, carrier: .polling, at: Self.start)
        for _ in 0..<40 { _ = machine.send(.noop) }
        #expect(machine.pollArrived(at: Self.start) == .taken([portion(16)]))
        #expect(machine.closeRequested(.goingAway, "").contains(.start(.farewell, after: .seconds(10))))
        #expect(machine.pollArrived(at: Self.start) == .taken([portion(16)]))
        let rest = Self.body(Array(repeating: "6", count: 8).joined(separator: "\u{1E}") + "\u{1E}1")
        #expect(machine.pollArrived(at: Self.start) == .taken([rest, .cancel(.farewell), .forget]))
        #expect(machine.pollArrived(at: Self.start) == .refused(.unknownSession))
    }

    @Test("a second poll ends the session: the first is told, the second refused")
    func overlappingPolls() {
        var machine = Fixture.polling()
        _ = machine.pollArrived(at: Self.start)
        let verdict = machine.pollArrived(at: Self.start)
        #expect(
            verdict == .refused(.badRequest, [.cancel(.heartbeat), Self.body("1"), .forget, .reportClosed(.polling)]))
        #expect(machine.pollArrived(at: Self.start) == .refused(.unknownSession))
        #expect(machine.postBegan(at: Self.start) == .refused(.unknownSession))
    }

    @Test("a second post ends the session")
    func overlappingPosts() {
        var machine = Fixture.polling()
        _ = machine.pollArrived(at: Self.start)
        #expect(machine.postBegan(at: Self.start) == .taken([]))
        let verdict = machine.postBegan(at: Self.start)
        #expect(verdict.refusal == .badRequest && verdict.actions.contains(Self.body("1")))
        #expect(machine.posted(ByteBuffer(string: "4a"), at: Self.start) == .refused(.unknownSession))
    }

    @Test("requests that are cut off end the session")
    func aborted() {
        var machine = Fixture.polling()
        _ = machine.pollArrived(at: Self.start)
        #expect(machine.pollAborted() == [.cancel(.heartbeat), .forget, .reportClosed(.polling)])
        #expect(machine.pollAborted() == [])
        machine = Fixture.polling()
        _ = machine.postBegan(at: Self.start)
        #expect(machine.postAborted().last == .reportClosed(.polling))
        #expect(machine.postAborted() == [])
    }

    @Test(
        "a body that cannot be read, or has what only servers send, ends the session",
        arguments: ["abc", "", "4a\u{1E}x", "2", "2probe", String(repeating: "4\u{1E}", count: 50) + "4"])
    func malformed(body: String) {
        var machine = Fixture.polling()
        let actions = Self.post(&machine, body).actions
        #expect(actions.suffix(2) == [.forget, .reportClosed(.malformed)])
        #expect(machine.pollArrived(at: Self.start) == .refused(.unknownSession))
    }

    @Test("a body that is too large is refused, and the session goes on")
    func tooLarge() {
        var machine = Fixture.polling()
        #expect(Self.post(&machine, String(repeating: "4", count: 1001)) == .refused(.payloadTooLarge))
        #expect(Self.post(&machine, String(repeating: "4", count: 1000)).refusal == nil)
    }

    @Test("a backlog is taken as a whole, and its answer waits until the client is within the rate again")
    func backlog() {
        var machine = Fixture.polling()
        let backlog = String(repeating: "4\u{1E}", count: 49) + "4"
        let verdict = Self.post(&machine, backlog)
        #expect(verdict == .held(Array(repeating: .deliverText(ByteBuffer()), count: 50) + [.start(.post, after: .milliseconds(600))]))
        #expect(machine.timerFired(.post, at: Fixture.at(600)) == [.cancel(.post), .answerPost])
        #expect(machine.timerFired(.post, at: Fixture.at(600)) == [] && machine.isOpen)
        #expect(Self.post(&machine, backlog, at: Fixture.at(600)).actions.last == .start(.post, after: .seconds(1)))
        #expect(machine.closeRequested(.goingAway, "").contains(.answerPost))
    }

    @Test("who sends on while the answer waits has two posts at a time, and that ends the session with both answered")
    func flood() {
        var machine = Fixture.polling()
        _ = Self.post(&machine, String(repeating: "4\u{1E}", count: 49) + "4")
        let verdict = machine.postBegan(at: Self.start)
        #expect(verdict.refusal == .badRequest)
        #expect(verdict.actions.contains(.answerPost) && verdict.actions.last == .reportClosed(.polling))
    }

    @Test("a client whose post waits for its answer cannot send a pong: it is given the time")
    func pongBehindBacklog() {
        var machine = Fixture.polling()
        _ = Self.post(&machine, String(repeating: "4\u{1E}", count: 49) + "4")
        _ = machine.timerFired(.heartbeat, at: Fixture.at(300))
        #expect(machine.timerFired(.heartbeat, at: Fixture.at(500)) == [.schedule(.heartbeat, at: Fixture.at(700))])
        #expect(machine.pollArrived(at: Fixture.at(501)) == .taken([Self.body("2")]))
        _ = machine.timerFired(.post, at: Fixture.at(600))
        #expect(machine.timerFired(.heartbeat, at: Fixture.at(700)) == [.schedule(.heartbeat, at: Fixture.at(800))])
        #expect(machine.timerFired(.heartbeat, at: Fixture.at(800)).last == .reportClosed(.pingTimeout))
    }

    @Test("a session that was never polled is dropped; one that was, or has switched to a WebSocket, is not")
    func neverPolled() {
        var machine = Fixture.polling()
        #expect(machine.opened().last == .start(.firstPoll, after: .seconds(10)) && Fixture.webSocket().opened().count == 1)
        var polled = machine
        _ = polled.pollArrived(at: Self.start)
        #expect(polled.timerFired(.firstPoll, at: Self.start) == [] && polled.isOpen)
        var upgraded = EngineUpgradeTests.upgraded()
        #expect(upgraded.timerFired(.firstPoll, at: Self.start) == [] && upgraded.isOpen)
        _ = Self.post(&machine, "4a")
        #expect(machine.timerFired(.firstPoll, at: Self.start) == [.cancel(.heartbeat), .forget, .reportClosed(.polling)])
    }

    @Test("a client that closes has its poll answered with noop, and nothing behind the close is read")
    func clientCloses() {
        var machine = Fixture.polling()
        _ = machine.pollArrived(at: Self.start)
        let verdict = Self.post(&machine, "4a\u{1E}1\u{1E}4b")
        #expect(
            verdict
                == .taken([
                    .deliverText(ByteBuffer(string: "a")), .cancel(.heartbeat), Self.body("6"), .forget, .reportClosed(.client),
                ]))
        #expect(machine.pollArrived(at: Self.start) == .refused(.unknownSession))
    }

    @Test("a poll that crosses the close gets the same answer, once, if it comes in time", arguments: [true, false])
    func crossing(isInTime: Bool) {
        var machine = Fixture.polling()
        let actions = Self.post(&machine, "1").actions
        #expect(actions == [.cancel(.heartbeat), .start(.farewell, after: .seconds(10)), .reportClosed(.client)])
        #expect(machine.postBegan(at: Self.start) == .refused(.unknownSession))
        if isInTime {
            #expect(machine.pollArrived(at: Self.start) == .taken([Self.body("6"), .cancel(.farewell), .forget]))
        } else {
            #expect(machine.timerFired(.farewell, at: Self.start) == [.forget])
        }
        #expect(machine.pollArrived(at: Self.start) == .refused(.unknownSession))
        #expect(machine.timerFired(.farewell, at: Self.start) == [])
    }

    @Test("the owner's close comes behind what is queued, be the poll there or not", arguments: [true, false])
    func serverCloses(isPolling: Bool) {
        var machine = Fixture.polling()
        if isPolling { _ = machine.pollArrived(at: Self.start) }
        _ = machine.send(Fixture.frame("last words"))
        let actions = machine.closeRequested(.goingAway, "bye")
        #expect(actions.contains(Self.body("4last words\u{1E}1")) == isPolling)
        #expect(actions.last == .reportClosed(.server(.goingAway, "bye")) && !machine.isOpen)
        #expect(machine.closeRequested(.goingAway, "bye") == [] && machine.send(Fixture.frame("x")) == [])
        guard !isPolling else { return }
        #expect(machine.pollArrived(at: Self.start).actions.first == Self.body("4last words\u{1E}1"))
    }

    @Test("what does not fit ends the session; latest-only frames give way")
    func slow() {
        var machine = Fixture.polling()
        for number in 0..<100 { #expect(machine.sendLatest(key: "\(number)", Fixture.frame("latest")) == []) }
        #expect(machine.queuedBytes <= 1000 && machine.isOpen)
        let frame = Fixture.frame(String(repeating: "x", count: 400))
        #expect(machine.send(frame) == [] && machine.send(frame) == [])
        #expect(machine.send(frame) == [.cancel(.heartbeat), .forget, .reportClosed(.slow)])
        #expect(machine.queuedBytes == 0)
    }

    @Test("a poll in hand takes more than the queue holds")
    func overflowIntoPoll() {
        var machine = Fixture.polling()
        _ = machine.pollArrived(at: Self.start)
        let big = Fixture.frame(String(repeating: "x", count: 5000))
        #expect(machine.send(big) == [.answerPoll(big.piece)])
        _ = machine.pollArrived(at: Self.start)
        let frame = Fixture.frame(String(repeating: "y", count: 600))
        #expect(machine.send(frame) == [.awaitTurnEnd])
        #expect(machine.send(frame) == [.answerPoll(frame.piece)])
        #expect(machine.pollArrived(at: Self.start) == .taken([.answerPoll(frame.piece)]))
    }
}
