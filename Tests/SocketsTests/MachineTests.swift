import NIOCore
import NIOWebSocket
import Testing

@testable import Sockets

@Suite("The WebSocket machine")
struct MachineTests {
    typealias Machine = WebSocketMachine
    static let now = NIODeadline.uptimeNanoseconds(3_600_000_000_000)

    static func machine(_ change: (inout WebSocketConfiguration) -> Void = { _ in }) -> Machine {
        var configuration = WebSocketConfiguration()
        configuration.maxMessageBytes = 300
        configuration.maxFragments = 4
        change(&configuration)
        return Machine(configuration: configuration)
    }

    /// Each of the pieces is a read of its own.
    static func feed(_ machine: inout Machine, _ pieces: [ByteBuffer], isWritable: Bool = false) -> [Machine.Action] {
        var actions: [Machine.Action] = []
        for var piece in pieces {
            while let action = machine.next(&piece, at: now, isWritable: isWritable) { actions += action.flat }
            #expect(piece.readableBytes == 0)
        }
        return actions
    }

    static func closing(_ code: UInt16, _ reason: String) -> [Machine.Action] {
        let content = CloseContent(code: WebSocketCloseCode(rawValue: code), reason: reason)
        return ending(content, code, discardingQueue: true) + [.shutdownOutput]
    }

    static func ending(_ content: CloseContent, _ reported: UInt16, discardingQueue: Bool) -> [Machine.Action] {
        [
            .writeClose(WebSocketFrames.close(content), discardingQueue: discardingQueue),
            .cancel(.ping), .cancel(.pong), .cancel(.resume), .start(.close, after: .seconds(5)),
            .reportClosed(WebSocketCloseCode(rawValue: reported)),
        ]
    }

    static func text(_ text: String) -> Machine.Action { .deliver(.text(ByteBuffer(string: text))) }

    struct Delivery: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var frames: [ByteBuffer]
        var delivered: [String]
    }

    @Test(
        "messages come out whole",
        arguments: [
            Delivery(testDescription: "one frame", frames: [clientBytes(.text, Array("héllo".utf8))], delivered: ["héllo"]),
            Delivery(testDescription: "empty", frames: [clientBytes(.text)], delivered: [""]),
            Delivery(
                testDescription: "fragments",
                frames: [
                    clientBytes(.text, [0x61], fin: false), clientBytes(.continuation, [0x62], fin: false), clientBytes(.continuation, [0x63]),
                ], delivered: ["abc"]),
            Delivery(
                testDescription: "a scalar cut in two",
                frames: [clientBytes(.text, [0xF0, 0x9F], fin: false), clientBytes(.continuation, [0x8E, 0x9E])], delivered: ["🎞"]),
            Delivery(
                testDescription: "control frames between fragments",
                frames: [
                    clientBytes(.text, [0x61], fin: false), clientBytes(.ping), clientBytes(.pong), clientBytes(.continuation, [0x62]),
                    clientBytes(.text, [0x63]),
                ], delivered: ["ab", "c"]),
            Delivery(
                testDescription: "exactly the limit of bytes",
                frames: [
                    clientBytes(.text, [UInt8](repeating: 0x61, count: 299), fin: false), clientBytes(.continuation, [0x61]),
                ], delivered: [String(repeating: "a", count: 300)]),
            Delivery(
                testDescription: "exactly the limit of fragments",
                frames: [
                    clientBytes(.text, [0x61], fin: false), clientBytes(.continuation, fin: false), clientBytes(.continuation, fin: false),
                    clientBytes(.continuation, [0x62]),
                ], delivered: ["ab"]),
        ])
    func messages(delivery: Delivery) {
        var machine = Self.machine()
        #expect(Self.feed(&machine, delivery.frames) == delivery.delivered.map(Self.text))
        #expect(machine.isOpen && machine.heldBytes == 0)
    }

    @Test("a binary message is delivered as such")
    func binary() {
        var machine = Self.machine()
        #expect(Self.feed(&machine, [clientBytes(.binary, [0xFF])]) == [.deliver(.binary(ByteBuffer(bytes: [0xFF])))])
    }

    struct Violation: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var code: UInt16
        var frames: [ByteBuffer]

        init(_ testDescription: String, _ code: UInt16, _ frames: ByteBuffer...) {
            self.testDescription = testDescription
            self.code = code
            self.frames = frames
        }
    }

    static let violations: [Violation] = [
        Violation("frame is not masked", 1002, clientBytes(.text, [0x61], masked: false)),
        Violation("frame is not masked", 1002, clientBytes(.connectionClose, masked: false)),
        Violation("reserved bit without an extension", 1002, clientBytes(.text, rsv: 4)),
        Violation("reserved bit without an extension", 1002, clientBytes(.text, rsv: 2)),
        Violation("reserved bit without an extension", 1002, clientBytes(.ping, rsv: 1)),
        Violation("fragmented control frame", 1002, clientBytes(.ping, fin: false)),
        Violation("fragmented control frame", 1002, clientBytes(.connectionClose, fin: false)),
        Violation("control frame too long", 1002, clientBytes(.pong, [UInt8](repeating: 0, count: 126))),
        Violation("continuation without a message", 1002, clientBytes(.continuation)),
        Violation("continuation without a message", 1002, clientBytes(.text), clientBytes(.continuation, fin: false)),
        Violation("message inside a fragmented message", 1002, clientBytes(.text, fin: false), clientBytes(.text)),
        Violation("message inside a fragmented message", 1002, clientBytes(.binary, fin: false), clientBytes(.text, fin: false)),
        Violation("text is not UTF-8", 1007, clientBytes(.text, [0xC0])),
        Violation("text is not UTF-8", 1007, clientBytes(.text, [0xE2, 0x82])),
        Violation("text is not UTF-8", 1007, clientBytes(.text, [0xE2], fin: false), clientBytes(.continuation, [0x61], fin: false)),
        Violation("text is not UTF-8", 1007, clientBytes(.text, [0xE2], fin: false), clientBytes(.continuation)),
        Violation("message too big", 1009, clientBytes(.text, [UInt8](repeating: 0x61, count: 301))),
        Violation(
            "message too big", 1009, clientBytes(.binary, [UInt8](repeating: 0, count: 300), fin: false), clientBytes(.continuation, [0])),
        Violation(
            "too many fragments", 1008, clientBytes(.text, fin: false), clientBytes(.continuation, fin: false),
            clientBytes(.continuation, fin: false), clientBytes(.continuation, fin: false), clientBytes(.continuation)),
        Violation("bad close code", 1002, clientBytes(.connectionClose, [0x03])),
        Violation("close reason is not UTF-8", 1007, clientBytes(.connectionClose, [0x03, 0xE8, 0xFF])),
        Violation("close reason is not UTF-8", 1007, clientBytes(.connectionClose, [0x03, 0xE8, 0xC3])),
    ]

    @Test("a broken rule closes with its code and says which", arguments: violations)
    func violation(violation: Violation) {
        var machine = Self.machine()
        let actions = Self.feed(&machine, violation.frames).filter { if case .deliver = $0 { false } else { true } }
        #expect(actions == Self.closing(violation.code, violation.testDescription))
        #expect(!machine.isOpen && machine.heldBytes == 0)
        #expect(Self.feed(&machine, [clientBytes(.text), clientBytes(.ping), clientBytes(.connectionClose)]) == [])
        #expect(machine.readCompleted(at: Self.now, isWritable: true) == [])
    }

    @Test("every opcode that is not defined closes with 1002", arguments: [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] as [UInt8])
    func unknownOpcode(number: UInt8) throws {
        var machine = Self.machine()
        let opcode = try #require(WebSocketOpcode(encodedWebSocketOpcode: number))
        #expect(Self.feed(&machine, [clientBytes(opcode)]) == Self.closing(1002, "unknown opcode"))
    }

    static let sendableCodes = Set<UInt16>(1000...1003).union(1007...1014).union(3000...4999)

    @Test("a close code is echoed if it may be sent and is a protocol error otherwise")
    func closeCodes() {
        for code in Set(UInt16(0)...5100).union([.max]) {
            var machine = Self.machine()
            let actions = Self.feed(&machine, [clientBytes(.connectionClose, ServerFrame.close(code, "bye").payload)])
            let isValid = Self.sendableCodes.contains(code)
            #expect(actions == (isValid ? Self.closing(code, "") : Self.closing(1002, "bad close code")))
        }
    }

    @Test("a close without a code is answered without a code and reported as 1005")
    func emptyClose() {
        var machine = Self.machine()
        let expected = Self.ending(CloseContent(code: nil), 1005, discardingQueue: true) + [.shutdownOutput]
        #expect(Self.feed(&machine, [clientBytes(.connectionClose), clientBytes(.text), clientBytes(.connectionClose)]) == expected)
        #expect(machine.transportClosed() == Machine.Timer.allCases.map { .cancel($0) })
        #expect(machine.transportClosed() == [])
    }

    @Test("after our close nothing is delivered, and the peer's answer ends the handshake")
    func localClose() {
        var machine = Self.machine()
        let content = CloseContent(code: .policyViolation, reason: "enough")
        #expect(machine.closeRequested(content) == Self.ending(content, 1008, discardingQueue: false))
        #expect(machine.closeRequested(content) == [])
        #expect(Self.feed(&machine, [clientBytes(.text), clientBytes(.ping), clientBytes(.text, masked: false)]) == [])
        #expect(machine.readCompleted(at: Self.now, isWritable: true) == [])
        #expect(Self.feed(&machine, [clientBytes(.connectionClose), clientBytes(.connectionClose)]) == [.shutdownOutput])
        #expect(machine.timerFired(.close) == [.closeTransport])
    }

    @Test("a peer that never answers our close loses the transport")
    func closeTimeout() {
        var machine = Self.machine()
        _ = machine.closeRequested(CloseContent(code: .normalClosure))
        #expect(machine.timerFired(.ping) == [])
        #expect(machine.timerFired(.pong) == [])
        #expect(machine.timerFired(.close) == [.closeTransport])
    }

    @Test("undecodable bytes while we wait for the peer's close end the wait")
    func failureWhileClosing() {
        var machine = Self.machine()
        _ = machine.closeRequested(CloseContent(code: .normalClosure))
        #expect(machine.failed(WebSocketViolation(.protocolError, "x")) == [.shutdownOutput])
        #expect(machine.failed(WebSocketViolation(.protocolError, "x")) == [])
    }

    @Test("a transport that ends without a close is reported as 1006")
    func abnormal() {
        var machine = Self.machine()
        let cancels = Machine.Timer.allCases.map { Machine.Action.cancel($0) }
        #expect(machine.transportClosed() == cancels + [.reportClosed(.abnormal)])
        #expect(machine.timerFired(.close) == [])
        #expect(machine.closeRequested(CloseContent(code: .normalClosure)) == [])
    }

    @Test("each ping is answered at once, between the fragments of a message")
    func pongsAtOnce() {
        var machine = Self.machine()
        let pieces = [
            clientBytes(.text, [0x61], fin: false), clientBytes(.ping, [1]), clientBytes(.ping, [2]), clientBytes(.continuation, [0x62]),
        ]
        let pongs = [UInt8(1), 2].map { Machine.Action.write(WebSocketFrames.pong(ByteBuffer(bytes: [$0]))) }
        #expect(Self.feed(&machine, pieces, isWritable: true) == pongs + [Self.text("ab")])
        #expect(machine.readCompleted(at: Self.now, isWritable: true) == [])
    }

    @Test("of the pings of a peer that does not read, the last is answered once it does")
    func pongs() {
        var machine = Self.machine()
        #expect(Self.feed(&machine, [clientBytes(.ping, [1]), clientBytes(.ping, [2])]) == [])
        #expect(machine.readCompleted(at: Self.now, isWritable: false) == [])
        #expect(Self.feed(&machine, [clientBytes(.ping, [3])]) == [])
        let pong = WebSocketFrames.pong(ByteBuffer(bytes: [3]))
        #expect(machine.becameWritable() == [.write(pong)])
        #expect(machine.becameWritable() == [])
        #expect(machine.readCompleted(at: Self.now, isWritable: true) == [])
    }

    @Test("a ping that is followed by any sign of life is followed by the next ping, and by a close otherwise")
    func liveness() {
        var machine = Self.machine()
        let ping: [Machine.Action] = [.write(WebSocketFrames.ping()), .start(.ping, after: .seconds(25))]
        #expect(machine.opened() == [.start(.ping, after: .seconds(25))])
        #expect(machine.timerFired(.ping) == ping + [.start(.pong, after: .seconds(8))])
        #expect(machine.readCompleted(at: Self.now, isWritable: true) == [.cancel(.pong)])
        #expect(machine.timerFired(.pong) == [])
        #expect(machine.timerFired(.ping) == ping + [.start(.pong, after: .seconds(8))])
        #expect(machine.timerFired(.ping) == ping)
        #expect(machine.timerFired(.pong) == Self.closing(3012, "no pong"))
    }

    @Test("over the burst reading pauses until the debt is paid; far over it the connection is closed")
    func pace() {
        var machine = Self.machine {
            $0.messagesPerSecond = 10
            $0.messageBurst = 5
        }
        _ = Self.feed(&machine, [ByteBuffer](repeating: clientBytes(.text), count: 5))
        #expect(machine.readCompleted(at: Self.now, isWritable: true) == [])
        _ = Self.feed(&machine, [ByteBuffer](repeating: clientBytes(.text), count: 3))
        let pause: [Machine.Action] = [.pauseReading, .start(.resume, after: .milliseconds(300))]
        #expect(machine.readCompleted(at: Self.now, isWritable: true) == pause)
        _ = machine.timerFired(.ping)
        #expect(machine.timerFired(.pong) == [.start(.pong, after: .seconds(8))], "silence while not reading means nothing")
        #expect(machine.timerFired(.resume) == [.resumeReading])
        _ = Self.feed(&machine, [clientBytes(.text), clientBytes(.text, fin: false), clientBytes(.continuation)])
        let flood = Self.feed(&machine, [clientBytes(.pong)])
        #expect(flood == Self.closing(3013, "too many requests"))
    }

    @Test("closing while reading is paused reads on, to see the peer's answer")
    func closeWhilePaused() {
        var machine = Self.machine { $0.messageBurst = 1 }
        _ = Self.feed(&machine, [clientBytes(.text), clientBytes(.text)])
        _ = machine.readCompleted(at: Self.now, isWritable: true)
        let actions = machine.closeRequested(CloseContent(code: .normalClosure))
        #expect(actions.contains(.resumeReading))
    }
}

extension WebSocketMachine.Action {
    /// Without `all`.
    var flat: [WebSocketMachine.Action] { if case .all(let actions) = self { actions.flatMap(\.flat) } else { [self] } }
}
