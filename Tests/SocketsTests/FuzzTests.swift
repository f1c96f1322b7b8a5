import NIOCore
import NIOEmbedded
import NIOWebSocket
import Testing

@testable import Sockets

/// A client that mostly keeps the rules, so that connections live long enough to get into every state, and sometimes breaks one.
struct ErraticClient {
    var generator: SeededGenerator
    /// One frame in this many breaks a given rule.
    let rarity: Int
    /// Of a client that has agreed on compression.
    let deflater: Deflater?
    private var isInsideMessage = false
    private var isDeflating = false

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        deflater = seed % 2 == 0 ? nil : Deflater(.init(windowBits: 15, level: 1, memoryLevel: 1))
        rarity = [30, 300, 3000][Int(seed % 3)]
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &generator) }
    mutating func flag() -> Bool { .random(using: &generator) }

    mutating func frame() -> ByteBuffer {
        if rarely() { return ByteBuffer(bytes: payload(0...40, 0...255)) }
        let (opcode, fin) = next()
        var payload = payload(0...(rarely() ? 400 : 20), rarely() ? 0...255 : 0x20...0x7E)
        let isStart = opcode == .text || opcode == .binary
        if isStart { isDeflating = deflater != nil && flag() }
        if isStart || opcode == .continuation, isDeflating { payload = deflated(payload) }
        let rsv: UInt8 = rarely() ? UInt8(number(1...7)) : isStart && isDeflating ? 4 : 0
        return clientBytes(opcode, payload, fin: fin, rsv: rsv, masked: !rarely())
    }

    /// With its flush left whole, which is allowed anywhere; sometimes much in few bytes.
    private mutating func deflated(_ payload: [UInt8]) -> [UInt8] {
        guard let deflater, !rarely() else { return payload }
        let plain = rarely() ? [UInt8](repeating: 0x61, count: 20_000) : payload + [0x61]
        var output = ByteBuffer()
        deflater.deflate(ByteBuffer(bytes: plain), into: &output)
        return Array(buffer: output) + [0x00, 0x00, 0xFF, 0xFF]
    }

    private mutating func rarely() -> Bool { number(1...rarity) == 1 }

    private mutating func payload(_ count: ClosedRange<Int>, _ values: ClosedRange<UInt8>) -> [UInt8] {
        (0..<number(count)).map { _ in .random(in: values, using: &generator) }
    }

    private mutating func next() -> (WebSocketOpcode, fin: Bool) {
        if rarely() { return (WebSocketOpcode(encodedWebSocketOpcode: UInt8(number(0...15))) ?? .text, fin: flag()) }
        if number(1...4) == 1 { return (flag() ? .ping : .pong, fin: true) }
        let opcode: WebSocketOpcode = isInsideMessage ? .continuation : rarely() ? .binary : .text
        isInsideMessage = number(1...3) == 1
        return (opcode, fin: !isInsideMessage)
    }
}

@Suite("Random input")
struct FuzzTests {
    @Test("hostile bytes never break the connection's rules", arguments: 0..<200 as Range<UInt64>)
    func hostile(seed: UInt64) throws {
        var client = ErraticClient(seed: seed)
        let harness = try Harness(
            configuration: Self.tight(burst: client.number(5...100)), extensions: client.deflater.map { _ in "permessage-deflate" })
        harness.owner.onText = { text, connection in connection.send(text: ByteBuffer(string: text)) }
        let connection = try harness.connection
        var sent: [ServerFrame] = []
        for _ in 0..<100 where harness.channel.isActive {
            try Self.step(harness, &client)
            #expect(connection.queuedBytes <= 2000 + 64 + 127, "the bound and a Close frame")
            sent += try harness.sent()
        }
        _ = try harness.channel.finish(acceptAlreadyClosed: true)
        #expect(harness.owner.closings.count == 1)
        let closes = sent.indices.filter { sent[$0].opcode == .connectionClose }
        #expect(closes.isEmpty || closes == [sent.count - 1], "one Close frame at most, and nothing after it")
        #expect(harness.owner.texts.allSatisfy { $0.utf8.count <= 256 })
    }

    static func tight(burst: Int) -> WebSocketConfiguration {
        var configuration = WebSocketConfiguration()
        configuration.maxMessageBytes = 256
        configuration.maxFragments = 8
        configuration.maxQueuedBytes = 2000
        configuration.messageBurst = burst
        configuration.compression = .init()
        configuration.compression?.smallestMessage = 20
        return configuration
    }

    static func step(_ harness: Harness, _ client: inout ErraticClient) throws {
        switch client.number(0...9) {
        case 0: harness.advance(.milliseconds(Int64(client.number(0...12_000))))
        case 1: harness.setWritable(client.number(1...3) > 1)
        default: try receiveSome(harness, &client)
        }
    }

    /// Some frames in pieces, each of which is one read.
    static func receiveSome(_ harness: Harness, _ client: inout ErraticClient) throws {
        var input = ByteBuffer()
        for _ in 0...client.number(0...5) { input.writeImmutableBuffer(client.frame()) }
        while input.readableBytes > 0, harness.channel.isActive {
            let piece = min(input.readableBytes, client.number(1...60))
            try harness.receive(input.readSlice(length: piece) ?? ByteBuffer())
        }
    }

    @Test("honest messages arrive unchanged however they are cut", arguments: 0..<100 as Range<UInt64>)
    func honest(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let harness = try Harness()
        var texts: [String] = []
        var input = ByteBuffer()
        for _ in 0..<20 {
            let scalars: [Character] = ["a", "é", "€", "🎞", "\n"]
            let text = String((0..<Int.random(in: 0...60, using: &generator)).map { _ in
                scalars[Int.random(in: 0...4, using: &generator)]
            })
            texts.append(text)
            Self.write(Array(text.utf8), into: &input, &generator)
        }
        while let piece = input.readSlice(length: min(input.readableBytes, .random(in: 1...50, using: &generator))),
            piece.readableBytes > 0
        {
            try harness.receive(piece)
            harness.advance(.milliseconds(100))
        }
        #expect(harness.owner.texts == texts && harness.owner.closings == [])
    }

    static func write(_ text: [UInt8], into input: inout ByteBuffer, _ generator: inout SeededGenerator) {
        var rest = text[...]
        var opcode = WebSocketOpcode.text
        repeat {
            let part = rest.prefix(Int.random(in: 1...40, using: &generator))
            rest = rest.dropFirst(part.count)
            input.writeImmutableBuffer(clientBytes(opcode, Array(part), fin: rest.isEmpty))
            if Bool.random(using: &generator) { input.writeImmutableBuffer(clientBytes(.ping, [1])) }
            opcode = .continuation
        } while !rest.isEmpty
    }

    @Test("the machine holds no more than one message and closes once", arguments: 0..<200 as Range<UInt64>)
    func machine(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var machine = MachineTests.machine()
        var actions: [WebSocketMachine.Action] = []
        for _ in 0..<300 {
            actions += MachineTests.feed(&machine, [Self.someFrame(&generator)], isWritable: Bool.random(using: &generator))
            actions += machine.readCompleted(at: MachineTests.now, isWritable: Bool.random(using: &generator))
            let timer = WebSocketMachine.Timer.allCases.randomElement(using: &generator)
            if let timer { actions += machine.timerFired(timer) }
            #expect(machine.heldBytes <= 300)
        }
        actions += machine.transportClosed()
        #expect(actions.count { if case .reportClosed = $0 { true } else { false } } == 1)
        let close = actions.firstIndex { if case .writeClose = $0 { true } else { false } }
        let late = actions[(close ?? actions.endIndex)...].contains { if case .deliver = $0 { true } else { false } }
        #expect(!late)
    }

    @Test("a machine that is given anything at all holds no more than one message", arguments: 0..<200 as Range<UInt64>)
    func anything(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var machine = InflationTests.machine(maxBytes: 300)
        for _ in 0..<50 {
            // The first byte of a frame that is allowed, then whatever comes.
            let firsts: [UInt8] = [0x01, 0x02, 0x41, 0x42, 0x81, 0x82, 0xC1, 0xC2, 0x00, 0x80, 0x89]
            let count = Int.random(in: 0...100, using: &generator)
            var bytes = ByteBuffer(bytes: [firsts.randomElement(using: &generator) ?? 0, 0x80 | UInt8(count), 0, 0, 0, 0])
            bytes.writeBytes((0..<count).map { _ in UInt8.random(in: 0...(seed % 2 == 0 ? 255 : 3), using: &generator) })
            for case .deliver(let message) in MachineTests.feed(&machine, [bytes]) {
                guard case .binary(let bytes) = message else { continue }
                #expect(bytes.readableBytes <= 300)
            }
            #expect(machine.heldBytes <= 301)
        }
    }

    static func someFrame(_ generator: inout SeededGenerator) -> ByteBuffer {
        let payload = [UInt8](repeating: 0x61, count: Int.random(in: 0...60, using: &generator))
        let opcodes: [WebSocketOpcode] = [.text, .continuation, .continuation, .ping, .pong]
        let opcode = opcodes[Int.random(in: 0...4, using: &generator)]
        return clientBytes(opcode, payload, fin: Int.random(in: 0..<3, using: &generator) == 0 || opcode.isControlOpcode)
    }
}
