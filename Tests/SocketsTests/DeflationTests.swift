import NIOCore
import NIOEmbedded
import NIOWebSocket
import Testing

@testable import Sockets

@Suite("Compressed messages, outbound")
struct DeflationTests {
    static let shared = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    static let text = String(repeating: "a text that is sent again, ", count: 20)

    static func configuration(_ change: (inout PermessageDeflate.Configuration) -> Void = { _ in }) -> WebSocketConfiguration {
        var configuration = WebSocketConfiguration()
        var compression = PermessageDeflate.Configuration()
        change(&compression)
        configuration.compression = compression
        return configuration
    }

    /// A client that inflates what it gets.
    struct Reader {
        let inflater: Inflater

        init(windowBits: Int = 15) throws { inflater = try #require(Inflater(windowBits: windowBits)) }

        func text(_ frame: ServerFrame) throws -> String {
            guard frame.reserved == 4 else { return String(decoding: frame.payload, as: UTF8.self) }
            var (input, output, mask) = (ByteBuffer(bytes: frame.payload), ByteBuffer(), FrameMask.identity)
            while input.readableBytes > 0 {
                _ = inflater.take(&input, count: input.readableBytes, &mask)
                while try inflater.step(into: &output, limit: 1 << 24) {}
            }
            if inflater.takeTail() { while try inflater.step(into: &output, limit: 1 << 24) {} }
            try inflater.end()
            return String(buffer: output)
        }
    }

    @Test("a connection that has agreed on nothing is sent nothing compressed")
    func plain() throws {
        let harness = try Harness(configuration: Self.configuration())
        try harness.connection.send(text: ByteBuffer(string: Self.text))
        try harness.connection.send(.text(ByteBuffer(string: Self.text)))
        harness.turn()
        #expect(try harness.sent() == [.text(Self.text), .text(Self.text)])
    }

    @Test("messages are compressed from one size to another, and one that gets no smaller is not")
    func sizes() throws {
        let harness = try Harness(configuration: Self.configuration { $0.largestMessage = 600 }, extensions: Self.shared)
        let connection = try harness.connection
        var generator = SeededGenerator(seed: 1)
        let noise = ByteBuffer(bytes: (0..<500).map { _ in UInt8.random(in: 0...255, using: &generator) })
        for count in [0, 255, 256, 600, 601] { connection.send(text: ByteBuffer(repeating: 0x61, count: count)) }
        connection.send(binary: noise)
        connection.send(.binary(noise))
        harness.turn()
        let sent = try harness.sent()
        #expect(sent.map(\.reserved) == [0, 0, 4, 4, 0, 0, 0])
        #expect(try Reader().text(sent[2]) == String(repeating: "a", count: 256))
        #expect(sent[2].opcode == .text && sent[3].payload.count < 20 && sent[5].payload == Array(buffer: noise))
    }

    @Test("with context takeover each message may refer to those before it; without, none does", arguments: [true, false])
    func contexts(keeps: Bool) throws {
        let agreed = keeps ? "permessage-deflate" : Self.shared
        let harness = try Harness(configuration: Self.configuration { $0.serverContextTakeover = keeps }, extensions: agreed)
        for _ in 0..<3 { try harness.connection.send(text: ByteBuffer(string: Self.text)) }
        try harness.connection.send(.text(ByteBuffer(string: Self.text)))
        harness.turn()
        let sent = try harness.sent()
        let reader = try Reader()
        for frame in sent { #expect(try (keeps ? reader : Reader()).text(frame) == Self.text) }
        #expect(sent.allSatisfy { $0.reserved == 4 } && (sent[1].payload.count < sent[0].payload.count) == keeps)
    }

    /// With pings that come too seldom to be a clock, as those of WebSockets that have others.
    static func takingOver() throws -> Harness {
        var configuration = configuration { $0.serverContextTakeover = true }
        configuration.pingInterval = .hours(24)
        return try Harness(configuration: configuration, extensions: "permessage-deflate")
    }

    @Test("a compressor is dropped when it has not been used for some time, whatever the pings, and another made when it is needed")
    func given() throws {
        let harness = try Self.takingOver()
        let send = { () throws -> Int in
            try harness.connection.send(text: ByteBuffer(string: Self.text))
            harness.turn()
            return try #require(try harness.sent().first).payload.count
        }
        let first = try send()
        harness.advance(.seconds(24))
        #expect(try send() < first)
        harness.advance(.seconds(51))
        #expect(try send() == first)
        #expect(try send() < first)
    }

    @Test("what comes after a compressor was dropped refers to nothing before it")
    func idle() throws {
        let harness = try Self.takingOver()
        let reader = try Reader()
        for round in 0..<3 {
            try harness.connection.send(text: ByteBuffer(string: Self.text))
            harness.turn()
            for frame in try harness.sent() { #expect(try reader.text(frame) == Self.text, "round \(round)") }
            for _ in 0..<round {
                harness.advance(.seconds(25))
            }
        }
    }

    @Test("a message for many is compressed once for each window, whoever wants it")
    func prepared() throws {
        let message = PreparedMessage.text(ByteBuffer(string: Self.text))
        let small = Self.shared + "; server_max_window_bits=9"
        let agreements = [Self.shared, Self.shared, small, small]
        let buffers = try agreements.map { agreed in
            let harness = try Harness(configuration: Self.configuration(), extensions: agreed)
            try harness.connection.send(message)
            harness.turn()
            return try #require(try harness.channel.readOutbound(as: ByteBuffer.self))
        }
        let addresses = buffers.map { $0.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) } }
        #expect(addresses[0] == addresses[1] && addresses[2] == addresses[3] && addresses[0] != addresses[2])
        let frame = try #require(ServerFrame.parse(buffers[2])?.first)
        #expect(try Reader(windowBits: 9).text(frame) == Self.text)
        #expect(String(buffer: message.payload) == Self.text && message.frame == WebSocketFrames.text(ByteBuffer(string: Self.text)))
    }

    @Test("messages that leave together are joined once for each window; who has to compress by itself gets each by itself")
    func run() throws {
        let run = PreparedRun(["short", Self.text, "end"].map { PreparedMessage.text(ByteBuffer(string: $0)) })
        let small = Self.shared + "; server_max_window_bits=9"
        let buffers = try [Self.shared, Self.shared, small, nil, nil].map { agreed in
            let harness = try Harness(configuration: Self.configuration(), extensions: agreed)
            #expect(try harness.connection.write(run))
            try harness.connection.flush()
            return try #require(try harness.channel.readOutbound(as: ByteBuffer.self))
        }
        let addresses = buffers.map { $0.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) } }
        #expect(addresses[0] == addresses[1] && addresses[3] == addresses[4] && Set(addresses).count == 3)
        for (buffer, bits) in zip(buffers, [15, 15, 9]) {
            let frames = try #require(ServerFrame.parse(buffer))
            #expect(frames.map(\.reserved) == [0, 4, 0])
            #expect(try Reader(windowBits: bits).text(frames[1]) == Self.text)
        }
        let plain = try #require(ServerFrame.parse(buffers[3]))
        #expect(plain == [.text("short"), .text(Self.text), .text("end")])
        let own = try Harness(configuration: Self.configuration { $0.serverContextTakeover = true }, extensions: "permessage-deflate")
        #expect(try !own.connection.write(run))
    }

    @Test("latest-only messages are compressed only where no other may refer to them", arguments: [true, false])
    func latest(keeps: Bool) throws {
        let harness = try Harness(
            configuration: Self.configuration { $0.serverContextTakeover = keeps },
            extensions: keeps ? "permessage-deflate" : Self.shared)
        let connection = try harness.connection
        let reader = try Reader()
        harness.setWritable(false)
        connection.send(text: ByteBuffer(string: Self.text))
        for number in 1...5 { connection.sendLatest(key: "k", .text(ByteBuffer(string: Self.text + "\(number)"))) }
        connection.send(text: ByteBuffer(string: Self.text))
        harness.setWritable(true)
        let sent = try harness.sent()
        #expect(sent.map(\.reserved) == [4, keeps ? 0 : 4, 4])
        let texts = try sent.map { try (keeps ? reader : Reader()).text($0) }
        #expect(texts == [Self.text, Self.text + "5", Self.text])
    }

    @Test("what is sent stays within the client's window, down to 256 bytes", arguments: [8, 9, 10, 15])
    func windows(bits: Int) throws {
        var generator = SeededGenerator(seed: UInt64(bits))
        for level in 1...9 {
            let deflater = try #require(Deflater(.init(windowBits: bits, level: level, memoryLevel: level)))
            let reader = try Reader(windowBits: bits)
            let alphabet = ["ab", "light", "n", "eight bits", "  ", "x"]
            for _ in 0..<20 {
                let text = (0..<Int.random(in: 1...800, using: &generator)).map { _ in alphabet.randomElement(using: &generator) ?? "" }
                    .joined()
                let frame = WebSocketFrames.deflated(.text, ByteBuffer(string: text), by: deflater)
                #expect(try reader.text(try #require(ServerFrame.parse(frame)?.first)) == text)
            }
        }
    }

    @Test("headers of compressed frames have the shortest form")
    func headers() throws {
        var generator = SeededGenerator(seed: 3)
        let deflater = try #require(Deflater(.init(windowBits: 15, level: 1, memoryLevel: 8)))
        for count in [100, 130, 60_000, 70_000, 200_000] {
            let noise = ByteBuffer(bytes: (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
            let frame = WebSocketFrames.deflated(.binary, noise, by: deflater)
            let payload = try #require(ServerFrame.parse(frame)?.first?.payload.count)
            #expect(frame.readableBytes - payload == (payload <= 125 ? 2 : payload <= 65_535 ? 4 : 10))
        }
    }

    @Test("an echo of what a client compresses comes back as it was", arguments: [1, 100, 5000, 60_000])
    func echo(count: Int) throws {
        let harness = try Harness(configuration: Self.configuration { $0.smallestMessage = 1 }, extensions: "permessage-deflate")
        harness.owner.onText = { text, connection in connection.send(text: ByteBuffer(string: text)) }
        let deflater = try #require(Deflater(.init(windowBits: 15, level: 6, memoryLevel: 8)))
        let reader = try Reader()
        for round in 0..<3 {
            let text = String(repeating: "\(round) äö ", count: count / 8 + 1)
            try harness.receive(InflationTests.compressed(try InflationTests.deflate(text, by: deflater)))
            let frame = try #require(try harness.sent().first)
            #expect(try frame.reserved == 4 && reader.text(frame) == text)
        }
    }
}
