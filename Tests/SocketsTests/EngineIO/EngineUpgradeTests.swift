import NIOCore
import Testing

@testable import Sockets

@Suite("A session of Engine.IO on a WebSocket, and on its way there")
struct EngineUpgradeTests {
    typealias Fixture = EngineFixture
    typealias Action = TestMachine.Action

    static let start = Fixture.at(0)

    static func text(_ text: String, _ machine: inout TestMachine, on socket: String = "w") -> [Action] {
        machine.textReceived(ByteBuffer(string: text), on: socket, at: start)
    }

    static func probing() -> TestMachine {
        var machine = Fixture.polling()
        #expect(machine.socketArrived("w", at: start) == [.start(.upgrade, after: .seconds(10))])
        return machine
    }

    static func upgraded() -> TestMachine {
        var machine = probing()
        #expect(text("2probe", &machine) == [.send(.probeAnswer, on: "w")])
        #expect(text("5", &machine) == [.cancel(.upgrade)])
        return machine
    }

    @Test("the probe is answered, the poll in hand let go, and what waits moves over")
    func upgrade() {
        var machine = Self.probing()
        _ = machine.pollArrived(at: Self.start)
        #expect(Self.text("2probe", &machine) == [.send(.probeAnswer, on: "w"), EnginePollingTests.body("6")])
        #expect(machine.openSocket == nil)
        #expect(machine.send(Fixture.frame("a")) == [])
        #expect(Self.text("5", &machine) == [.cancel(.upgrade), .send(Fixture.frame("a"), on: "w")])
        #expect(machine.openSocket == "w" && machine.queuedBytes == 0)
        #expect(Self.text("4b", &machine) == [.deliverText(ByteBuffer(string: "b"))])
        #expect(machine.send(Fixture.frame("c")) == [.send(Fixture.frame("c"), on: "w")])
    }

    @Test("while an upgrade is under way, polls do not wait")
    func pollsWhileUpgrading() {
        var machine = Self.probing()
        _ = Self.text("2probe", &machine)
        #expect(machine.pollArrived(at: Self.start) == .taken([EnginePollingTests.body("6")]))
        _ = machine.send(Fixture.frame("a"))
        #expect(machine.pollArrived(at: Self.start) == .taken([EnginePollingTests.body("4a")]))
    }

    @Test("a poll that is there when the client switches is let go")
    func pollAtSwitch() {
        var machine = Self.probing()
        _ = Self.text("2probe", &machine)
        machine.isPollPending = true
        #expect(Self.text("5", &machine) == [.cancel(.upgrade), EnginePollingTests.body("6")])
    }

    @Test("requests of an upgraded session are refused and change nothing")
    func requestsAfterUpgrade() {
        var machine = Self.upgraded()
        #expect(machine.pollArrived(at: Self.start) == .refused(.badRequest))
        #expect(machine.postBegan(at: Self.start) == .refused(.badRequest))
        #expect(machine.socketArrived("x", at: Self.start) == [.close("x", .malformed)])
        #expect(Self.text("4hello", &machine, on: "x") == [])
        #expect(machine.socketClosed("x", code: .normalClosure) == [])
        #expect(Self.text("4hello", &machine) == [.deliverText(ByteBuffer(string: "hello"))])
    }

    @Test("a bad probe costs the WebSocket, not the session", arguments: ["5", "2", "2prob", "4hello", "abc", "", "1"])
    func badProbe(text: String) {
        var machine = Self.probing()
        #expect(Self.text(text, &machine) == [.cancel(.upgrade), .close("w", .malformed)])
        #expect(Self.text("2probe", &machine) == [] && machine.isOpen)
        #expect(machine.pollArrived(at: Self.start) == .taken([]))
        #expect(machine.socketArrived("x", at: Self.start).count == 1)
    }

    @Test("a WebSocket that is too slow, second, binary or gone costs nothing else")
    func failedUpgrades() {
        var machine = Self.probing()
        #expect(machine.socketArrived("x", at: Self.start) == [.close("x", .malformed)])
        #expect(machine.timerFired(.upgrade, at: Self.start) == [.cancel(.upgrade), .close("w", .malformed)])
        machine = Self.probing()
        #expect(machine.binaryReceived(ByteBuffer(), on: "w", at: EngineFixture.start).last == .close("w", .malformed))
        machine = Self.probing()
        _ = machine.socketClosed("w", code: .abnormal)
        #expect(machine.isOpen && Self.text("5", &machine) == [])
    }

    @Test("a session that ends takes the WebSocket of an upgrade with it")
    func endWhileUpgrading() {
        var machine = Self.probing()
        let actions = EnginePollingTests.post(&machine, "abc").actions
        #expect(actions.contains(.close("w", .malformed)) && actions.last == .reportClosed(.malformed))
        #expect(machine.socketArrived("x", at: Self.start) == [.close("x", .malformed)])
    }

    static func closing() -> (machine: TestMachine, actions: [Action]) {
        var machine = probing()
        _ = text("2probe", &machine)
        for word in ["last", "words"] { _ = machine.send(Fixture.frame(word)) }
        let actions = machine.closeRequested(.goingAway, "bye")
        return (machine, actions)
    }

    @Test("what waits when the owner closes during an upgrade goes out on the WebSocket, if the client still switches to it")
    func closeWhileUpgrading() {
        var (machine, actions) = Self.closing()
        let reason = EngineCloseReason.server(.goingAway, "bye")
        #expect(actions == [.cancel(.heartbeat), .cancel(.upgrade), .start(.farewell, after: .seconds(10)), .reportClosed(reason)])
        #expect(Self.text("4late", &machine) == [] && Self.text("5", &machine, on: "x") == [])
        #expect(
            Self.text("5", &machine) == [
                .send(Fixture.frame("last"), on: "w"), .send(Fixture.frame("words"), on: "w"), .close("w", reason),
                .cancel(.farewell), .forget,
            ])
        #expect(Self.text("5", &machine) == [] && machine.socketClosed("w", code: .normalClosure) == [])
        #expect(machine.pollArrived(at: Self.start) == .refused(.unknownSession))
    }

    @Test("or on polls, if it polls; and the WebSocket ends in any case")
    func pollWhileClosing() {
        let reason = EngineCloseReason.server(.goingAway, "bye")
        var (machine, _) = Self.closing()
        #expect(
            machine.pollArrived(at: Self.start) == .taken([
                EnginePollingTests.body("4last\u{1E}4words\u{1E}1"), .cancel(.upgrade), .close("w", reason), .cancel(.farewell), .forget,
            ]))
        (machine, _) = Self.closing()
        #expect(machine.timerFired(.farewell, at: Self.start) == [.cancel(.upgrade), .close("w", reason), .forget])
        (machine, _) = Self.closing()
        #expect(machine.socketClosed("w", code: .abnormal).first == .cancel(.upgrade))
        #expect(machine.pollArrived(at: Self.start).actions.first == EnginePollingTests.body("4last\u{1E}4words\u{1E}1"))
    }

    @Test("a post that began before the switch is still read")
    func postAcrossUpgrade() {
        var machine = Self.probing()
        #expect(machine.postBegan(at: Self.start) == .taken([]))
        _ = Self.text("2probe", &machine)
        _ = Self.text("5", &machine)
        #expect(
            machine.posted(ByteBuffer(string: "4a"), at: Self.start) == .taken([.deliverText(ByteBuffer(string: "a"))]))
    }

    @Test("what is no packet ends a session on a WebSocket", arguments: ["abc", "", "2", "2probe", "bAQ=="])
    func malformed(text: String) {
        var machine = Fixture.webSocket()
        #expect(
            Self.text(text, &machine)
                == [.cancel(.heartbeat), .close("w", .malformed), .forget, .reportClosed(.malformed)])
        #expect(Self.text("4a", &machine) == [] && machine.binaryReceived(ByteBuffer(), on: "w", at: EngineFixture.start) == [])
        #expect(machine.socketClosed("w", code: .normalClosure) == [])
    }

    @Test("packets that mean nothing here are ignored", arguments: ["0", "3", "5", "6"])
    func ignored(text: String) {
        var machine = Fixture.webSocket()
        #expect(Self.text(text, &machine) == [] && machine.isOpen)
    }

    @Test("ends of a WebSocket session tell why")
    func ends() {
        var machine = Fixture.webSocket()
        #expect(Self.text("1", &machine).last == .reportClosed(.client))
        machine = Fixture.webSocket()
        #expect(machine.socketClosed("w", code: .goingAway).last == .reportClosed(.webSocket(.goingAway)))
        machine = Fixture.webSocket()
        #expect(machine.socketClosed("w", code: .slow).last == .reportClosed(.slow))
        machine = Fixture.webSocket()
        #expect(
            machine.closeRequested(.goingAway, "bye").contains(.close("w", .server(.goingAway, "bye"))) && !machine.isOpen)
    }
}

@Suite("The heartbeat of Engine.IO")
struct EngineHeartbeatTests {
    typealias Fixture = EngineFixture

    @Test("pings follow pongs, and a session lives as long as they are answered")
    func alive() {
        var machine = Fixture.webSocket()
        #expect(machine.opened() == [.schedule(.heartbeat, at: Fixture.at(300))])
        for beat in 0..<3 as Range<Int64> {
            let ping = beat * 400 + 300
            #expect(
                machine.timerFired(.heartbeat, at: Fixture.at(ping))
                    == [.send(.ping, on: "w"), .schedule(.heartbeat, at: Fixture.at(ping + 200))])
            #expect(
                machine.textReceived(ByteBuffer(string: "3"), on: "w", at: Fixture.at(ping + 100))
                    == [.schedule(.heartbeat, at: Fixture.at(ping + 400))])
        }
    }

    @Test("without a pong the session ends, by the clock, even if a request is read before the timer")
    func dead() {
        var machine = Fixture.polling()
        _ = machine.timerFired(.heartbeat, at: Fixture.at(304))
        var other = machine
        #expect(machine.timerFired(.heartbeat, at: Fixture.at(500)).last == .reportClosed(.pingTimeout))
        #expect(machine.timerFired(.heartbeat, at: Fixture.at(900)) == [])
        let verdict = other.pollArrived(at: Fixture.at(500))
        #expect(verdict.refusal == .unknownSession && verdict.actions.last == .reportClosed(.pingTimeout))
    }

    @Test("a client that is read slowly lives while it is heard, for its pong stands behind what has not been read")
    func busy() {
        var machine = Fixture.webSocket()
        _ = machine.timerFired(.heartbeat, at: Fixture.at(300))
        _ = machine.textReceived(ByteBuffer(string: "4a"), on: "w", at: Fixture.at(450))
        #expect(machine.timerFired(.heartbeat, at: Fixture.at(500)) == [.schedule(.heartbeat, at: Fixture.at(650))])
        _ = machine.binaryReceived(ByteBuffer(), on: "w", at: Fixture.at(640))
        #expect(machine.timerFired(.heartbeat, at: Fixture.at(650)) == [.schedule(.heartbeat, at: Fixture.at(840))])
        #expect(machine.timerFired(.heartbeat, at: Fixture.at(840)).last == .reportClosed(.pingTimeout))
    }

    @Test("an event loop that stood still does not end the session")
    func lateTimer() {
        var machine = Fixture.polling()
        #expect(machine.timerFired(.heartbeat, at: Fixture.at(5000)).last == .schedule(.heartbeat, at: Fixture.at(5200)))
        #expect(machine.pollArrived(at: Fixture.at(5199)) == .taken([EnginePollingTests.body("2")]))
        #expect(EnginePollingTests.post(&machine, "3", at: Fixture.at(5199)).refusal == nil && machine.isOpen)
    }
}
