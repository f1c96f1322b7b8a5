import NIOCore
import Testing

@testable import Sockets

@Suite("Random input to Engine.IO and Socket.IO")
struct EngineFuzzTests {
    typealias Fixture = EngineFixture

    /// Pieces from which nearly valid input is made.
    private static let parts = [
        "0", "1", "2", "3", "4", "5", "6", "b", "2probe", "4hello", "bAQID", "=", "\u{1E}", "42", "40", "/custom,", "[", "]", "{", "}",
        "\"a\"", ",", "1-", "12", "\\", "\\u00", "é", #"{"_placeholder":true,"num":0}"#, #"["message",1]"#, "null", " ", "\u{0}",
    ]

    static func text(_ generator: inout SeededGenerator) -> ByteBuffer {
        if Int.random(in: 0..<8, using: &generator) == 0 {
            return ByteBuffer(bytes: (0..<Int.random(in: 0...30, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
        let count = Int.random(in: 0...8, using: &generator)
        return ByteBuffer(string: (0..<count).map { _ in parts.randomElement(using: &generator) ?? "" }.joined())
    }

    @Test("codecs take or refuse, whatever comes", arguments: 0..<100 as Range<UInt64>)
    func codecs(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var decoder = SocketDecoder(configuration: SocketConfiguration())
        for _ in 0..<200 {
            let text = Self.text(&generator)
            _ = EnginePacket(text: text)
            let packets = EnginePayload.decode(text, maxPackets: 5)
            #expect(packets.map(\.count) ?? 1 <= 5)
            _ = JSONText(checking: text)?.member("num")?.stringValue
            _ = JSONText(trusted: text).stringValue
            do { _ = try decoder.receive(text: text) } catch { decoder = SocketDecoder(configuration: SocketConfiguration()) }
            if Bool.random(using: &generator) { _ = try? decoder.receive(binary: text) }
        }
    }

    @Test("a session answers each poll, reports one end, and holds no more than it may", arguments: 0..<200 as Range<UInt64>)
    func machine(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var machine = seed % 2 == 0 ? Fixture.polling() : Fixture.webSocket()
        var actions: [TestMachine.Action] = []
        var polls = 0
        for step in 0..<200 as Range<Int64> {
            let now = Fixture.at(step)
            switch Int.random(in: 0..<10, using: &generator) {
            case 0:
                let verdict = machine.pollArrived(at: now)
                if verdict.refusal == nil { polls += 1 }
                actions += verdict.actions
            case 1: actions += machine.postBegan(at: now).actions
            case 2: actions += machine.posted(Self.text(&generator), at: now).actions
            case 3: actions += machine.socketArrived("x", at: now)
            case 4: actions += machine.textReceived(Self.text(&generator), on: ["w", "x"].randomElement(using: &generator) ?? "w", at: now)
            case 5: actions += machine.send(Fixture.frame("abc"))
            case 6: actions += machine.sendLatest(key: "k", Fixture.frame("abc"))
            case 7: actions += machine.turnEnded()
            case 8: if let timer = TestMachine.Timer.allCases.randomElement(using: &generator) { actions += machine.timerFired(timer, at: now) }
            default: actions += machine.textReceived(ByteBuffer(string: "2probe"), on: "x", at: now)
            }
            #expect(machine.queuedBytes <= 1000)
        }
        actions += machine.closeRequested(.goingAway, "")
        #expect(actions.count { if case .answerPoll = $0 { true } else { false } } == polls)
        #expect(actions.count { if case .reportClosed = $0 { true } else { false } } == 1)
        actions += machine.timerFired(.farewell, at: Fixture.at(1000))
        #expect(actions.count { $0 == .forget } == 1)
    }

    @Test("what is encoded is read back", arguments: 0..<50 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var decoder = SocketDecoder(configuration: SocketConfiguration())
        for _ in 0..<20 {
            let attachments = (0..<Int.random(in: 0...3, using: &generator)).map { number in
                ByteBuffer(bytes: (0..<number * 5).map { _ in UInt8.random(in: 0...255, using: &generator) })
            }
            let scalars = (0..<10).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0...0x2FFF, using: &generator)) }
            let name = String(String.UnicodeScalarView(scalars)) + "!"
            let arguments = attachments.indices.map(JSONText.placeholder) + [JSONText(string: name)]
            let message = SocketMessage.event(
                name, arguments, attachments: attachments, namespace: "/n", offset: nil, id: UInt64(seed))
            let packets = try #require(EnginePayload.decode(EnginePayload.join([message.text] + message.attachments), maxPackets: 9))
            var read: SocketInbound?
            for packet in packets {
                if case .text(let text) = packet { read = try decoder.receive(text: text) }
                if case .binary(let binary) = packet { read = try decoder.receive(binary: binary) }
            }
            #expect(
                read == .event(SocketEvent(
                    namespace: "/n", name: name, arguments: arguments, attachments: attachments, ackID: seed)))
        }
    }
}
