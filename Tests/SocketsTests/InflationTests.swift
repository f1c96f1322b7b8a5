import NIOCore
import NIOEmbedded
import NIOWebSocket
import Testing

@testable import Sockets

@Suite("Compressed messages, inbound")
struct InflationTests {
    static func machine(
        keepsContext: Bool = true, maxBytes: Int = 10_000, _ change: (inout WebSocketConfiguration) -> Void = { _ in }
    ) -> WebSocketMachine {
        var configuration = WebSocketConfiguration()
        configuration.maxMessageBytes = maxBytes
        configuration.messagesPerSecond = .max
        change(&configuration)
        var agreed = PermessageDeflate()
        agreed.clientContextTakeover = keepsContext
        return WebSocketMachine(configuration: configuration, compression: agreed)
    }

    /// What clients send: raw DEFLATE without the end of the last flush.
    static func deflate(_ text: String, by deflater: Deflater? = nil) throws -> [UInt8] {
        let deflater = try #require(deflater ?? Deflater(.init(windowBits: 15, level: 6, memoryLevel: 8)))
        var output = ByteBuffer()
        deflater.deflate(ByteBuffer(string: text), into: &output)
        return Array(buffer: output)
    }

    static func compressed(_ payload: [UInt8], fin: Bool = true) -> ByteBuffer { clientBytes(.text, payload, fin: fin, rsv: 4) }

    struct Message: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var payloads: [[UInt8]]
        var texts: [String]
    }

    static let messages: [Message] = [
        Message(testDescription: "one block", payloads: [[0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]], texts: ["Hello"]),
        Message(
            testDescription: "a reference to the message before",
            payloads: [[0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00], [0xF2, 0x00, 0x11, 0x00, 0x00]], texts: ["Hello", "Hello"]),
        Message(
            testDescription: "a stored block",
            payloads: [[0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00]], texts: ["Hello"]),
        Message(testDescription: "a final block", payloads: [[0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00]], texts: ["Hello"]),
        Message(
            testDescription: "a final block with nothing behind it", payloads: [[0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]],
            texts: ["Hello"]),
        Message(
            testDescription: "a reference to what came before a final block",
            payloads: [[0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00], [0xF2, 0x00, 0x11, 0x00, 0x00]], texts: ["Hello", "Hello"]),
        Message(
            testDescription: "two blocks",
            payloads: [[0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00]], texts: ["Hello"]),
        Message(testDescription: "a flush that is left whole", payloads: [
            [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00, 0x00, 0xFF, 0xFF], [0xF2, 0x00, 0x11, 0x00, 0x00],
        ], texts: ["Hello", "Hello"]),
        Message(testDescription: "an empty message", payloads: [[0x00]], texts: [""]),
        Message(testDescription: "an empty message of no bytes", payloads: [[], [0x00], []], texts: ["", "", ""]),
    ]

    @Test("messages come out inflated, however they are cut into frames and reads", arguments: messages)
    func inflated(message: Message) {
        for size in [1, 2, 3, 100] {
            var machine = Self.machine()
            var actions: [WebSocketMachine.Action] = []
            for payload in message.payloads {
                var input = Self.fragmented(payload, into: size)
                while let piece = input.readSlice(length: min(size, input.readableBytes)), piece.readableBytes > 0 {
                    actions += MachineTests.feed(&machine, [piece])
                }
            }
            #expect(actions == message.texts.map(MachineTests.text), "in pieces of \(size)")
            #expect(machine.isOpen && machine.heldBytes == 0)
        }
    }

    /// A frame for each piece; all but the first carry no RSV1.
    static func fragmented(_ payload: [UInt8], into size: Int) -> ByteBuffer {
        var bytes = ByteBuffer()
        var rest = payload[...]
        repeat {
            let piece = Array(rest.prefix(size))
            let isFirst = rest.count == payload.count
            rest = rest.dropFirst(size)
            bytes.writeImmutableBuffer(
                isFirst ? compressed(piece, fin: rest.isEmpty) : clientBytes(.continuation, piece, fin: rest.isEmpty))
        } while !rest.isEmpty
        return bytes
    }

    struct Violation: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var code: UInt16
        var pieces: [ByteBuffer]

        init(_ testDescription: String, _ code: UInt16, _ pieces: ByteBuffer...) {
            (self.testDescription, self.code, self.pieces) = (testDescription, code, pieces)
        }
    }

    static let hello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
    static let violations: [Violation] = [
        Violation("reserved bit without an extension", 1002, clientBytes(.text, hello, rsv: 2)),
        Violation("reserved bit without an extension", 1002, clientBytes(.text, hello, rsv: 5)),
        Violation("reserved bit without an extension", 1002, clientBytes(.ping, rsv: 4)),
        Violation("reserved bit without an extension", 1002, clientBytes(.connectionClose, rsv: 4)),
        Violation("reserved bit without an extension", 1002, compressed(hello, fin: false), clientBytes(.continuation, rsv: 4)),
        Violation("invalid compressed data", 1007, compressed([0x07])),
        Violation("invalid compressed data", 1007, compressed([0xF2, 0x48, 0xCD])),
        Violation("invalid compressed data", 1007, compressed([0x00, 0x05])),
        Violation("invalid compressed data", 1007, compressed([0xF2, 0x00, 0x11, 0x00, 0x00])),
        Violation("message too big", 1009, compressed([UInt8](repeating: 0, count: 11_500))),
        Violation("text is not UTF-8", 1007, compressed([0x00, 0x01, 0x00, 0xFE, 0xFF, 0xC0], fin: false)),
        Violation("text is not UTF-8", 1007, compressed([0x00, 0x01, 0x00, 0xFE, 0xFF, 0xC3, 0x00])),
    ]

    @Test("a broken rule closes with its code", arguments: violations)
    func violation(violation: Violation) {
        var machine = Self.machine()
        #expect(MachineTests.feed(&machine, violation.pieces) == MachineTests.closing(violation.code, violation.testDescription))
    }

    @Test("text that is not UTF-8 is noticed before the frame that holds it is whole")
    func failsFast() throws {
        let bad: [UInt8] = [0x00, 0x00, 0xFF, 0xFF, 0x00, 0x01, 0x00, 0xFE, 0xFF, 0xFF]
        var frame = Self.compressed(try Self.deflate("fine") + bad + [0, 0, 0])
        frame.moveWriterIndex(to: frame.writerIndex - 3)
        var machine = Self.machine()
        _ = MachineTests.feed(&machine, [frame])
        #expect(!machine.isOpen)
    }

    @Test("where the client keeps no context, references to earlier messages are invalid")
    func noContext() {
        var machine = Self.machine(keepsContext: false)
        let first = MachineTests.feed(&machine, [Self.compressed(Self.hello), Self.compressed(Self.hello)])
        #expect(first == ["Hello", "Hello"].map(MachineTests.text))
        let second = MachineTests.feed(&machine, [Self.compressed([0xF2, 0x00, 0x11, 0x00, 0x00])])
        #expect(second == MachineTests.closing(1007, "invalid compressed data"))
    }

    @Test("exactly the limit is taken, and of more never more than a byte is inflated", arguments: [10_000, 100_000])
    func limit(limit: Int) throws {
        var machine = Self.machine(maxBytes: limit)
        let fits = String(repeating: "a", count: limit)
        #expect(MachineTests.feed(&machine, [Self.compressed(try Self.deflate(fits))]) == [MachineTests.text(fits)])
        let bomb = try Self.deflate(String(repeating: "a", count: 5_000_000))
        let actions = MachineTests.feed(&machine, [Self.compressed(bomb)])
        #expect(actions == MachineTests.closing(1009, "message too big"))
        let inflater = try #require(Inflater(windowBits: 15))
        var (input, output, mask) = (ByteBuffer(bytes: bomb), ByteBuffer(), FrameMask.identity)
        _ = inflater.take(&input, count: input.readableBytes, &mask)
        #expect(throws: WebSocketViolation(.messageTooBig, "message too big")) {
            while try inflater.step(into: &output, limit: limit) {}
        }
        #expect(output.readableBytes == limit + 1)
    }

    /// As many messages in one read as a socket's buffer holds, each of them a few bytes that inflate to the limit.
    static func bombs(_ count: Int) throws -> [ByteBuffer] {
        let bomb = compressed(try deflate(String(repeating: "a", count: 64 << 10)))
        return Array(repeating: bomb, count: count)
    }

    @Test("one read full of messages that inflate to much is taken in turns, in time, and in order with what comes behind")
    func turns() throws {
        let harness = try Harness(extensions: DeflationTests.shared)
        try harness.receive(try Self.bombs(60) + [clientText("last")])
        // 100 messages, of which 64 KiB count for 17.
        #expect(harness.owner.texts.count == 4)
        let reads = harness.transport.reads
        harness.advance(.milliseconds(1))
        #expect(harness.owner.texts.count == 6 && harness.transport.reads == reads)
        for second in 1...8 {
            let before = harness.owner.texts.count
            harness.advance(.seconds(1))
            #expect(harness.owner.texts.count - before <= 4, "second \(second)")
        }
        #expect(harness.owner.closings.isEmpty && harness.transport.reads == reads)
        harness.advance(.seconds(15))
        #expect(harness.owner.texts.count == 61 && harness.owner.texts.last == "last" && harness.transport.reads == reads + 1)
        try harness.receive(clientText("more"))
        #expect(harness.owner.texts.last == "more")
    }

    @Test("what is left when the client goes gets one more turn")
    func end() throws {
        let harness = try Harness(extensions: DeflationTests.shared)
        try harness.receive(try Self.bombs(5) + [clientText("last")])
        #expect(harness.owner.texts.count == 4)
        harness.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(harness.owner.texts.count == 6 && harness.owner.texts.last == "last" && harness.transport.isClosed)
    }

    @Test("compressed bytes that inflate to nothing are bounded too")
    func emptyBlocks() {
        var machine = Self.machine(maxBytes: 1000) { $0.maxFragments = 1000 }
        let block: [UInt8] = [0x00, 0x00, 0x00, 0xFF, 0xFF]
        let piece = [UInt8]((0..<40).flatMap { _ in block })
        var pieces = [Self.compressed(piece, fin: false)]
        pieces += [ByteBuffer](repeating: clientBytes(.continuation, piece, fin: false), count: 20)
        #expect(MachineTests.feed(&machine, pieces).contains(.reportClosed(.messageTooBig)))
    }

    @Test("broken bytes are never inflated beyond the limit, and valid ones come through however they are cut",
        arguments: 0..<60 as Range<UInt64>)
    func random(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let (bits, level) = (Int(9 + seed % 7), Int(1 + seed % 9))
        let deflater = try #require(Deflater(.init(windowBits: bits, level: level, memoryLevel: level)))
        var machine = Self.machine()
        for _ in 0..<20 {
            let words = ["light ", "lumière ", "🎞", "\n", "a", "ß"]
            let count = Int.random(in: 1...300, using: &generator)
            let text = (0..<count).map { _ in words.randomElement(using: &generator) ?? "" }.joined()
            var payload = try Self.deflate(text, by: deflater)
            let isBroken = Int.random(in: 0..<40, using: &generator) == 0
            if isBroken { payload[Int.random(in: 0..<payload.count, using: &generator)] ^= 1 << UInt8(seed % 8) }
            let size = Int.random(in: 5...500, using: &generator)
            let actions = MachineTests.feed(&machine, [Self.fragmented(payload, into: size)])
            #expect(machine.heldBytes <= 10_001)
            if isBroken { break }
            #expect(actions == [MachineTests.text(text)])
        }
    }
}
