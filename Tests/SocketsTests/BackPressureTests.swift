import NIOCore
import NIOEmbedded
import NIOWebSocket
import Testing

@testable import Sockets

@Suite("The channel handler, outbound")
struct BackPressureTests {
    static func frame(_ text: String) -> ByteBuffer { WebSocketFrames.text(ByteBuffer(string: text)) }

    @Test("everything sent within one turn of the loop leaves in one flush")
    func oneFlush() throws {
        let harness = try Harness()
        harness.owner.onText = { text, connection in connection.send(text: ByteBuffer(string: "echo " + text)) }
        try harness.channel.writeInbound(clientText("a"))
        try harness.channel.writeInbound(clientText("b"))
        try harness.connection.send(encodedFrame: Self.frame("c"))
        try harness.connection.sendLatest(key: "k", encodedFrame: Self.frame("d"))
        #expect(harness.transport.flushes == 0)
        harness.turn()
        #expect(harness.transport.flushes == 1)
        #expect(try harness.sent() == [.text("echo a"), .text("echo b"), .text("c"), .text("d")])
        harness.turn()
        #expect(harness.transport.flushes == 1)
    }

    @Test("frames written by one who writes to many leave when it says so, and are refused when they would overtake or find no room")
    func writtenTogether() throws {
        let harness = try Harness()
        let two = PreparedRun(["a", "b"].map { PreparedMessage.text(ByteBuffer(string: $0)) })
        #expect(try harness.connection.write(two))
        harness.turn()
        #expect(harness.transport.flushes == 0)
        try harness.connection.flush()
        try harness.connection.flush()
        #expect(harness.transport.flushes == 1)
        #expect(try harness.sent() == [.text("a"), .text("b")])
        harness.setWritable(false)
        #expect(try !harness.connection.write(two))
        try harness.connection.send(encodedFrame: Self.frame("c"))
        harness.channel.isWritable = true
        #expect(try !harness.connection.write(two))
        harness.setWritable(true)
        #expect(try harness.sent() == [.text("c")])
    }

    @Test("a shared frame is written without being copied, at once or out of the queue", arguments: [true, false])
    func noCopy(isWritable: Bool) throws {
        let harness = try Harness()
        let frame = Self.frame(String(repeating: "x", count: 1000))
        harness.setWritable(isWritable)
        try harness.connection.send(encodedFrame: frame)
        harness.setWritable(true)
        let written = try #require(try harness.channel.readOutbound(as: ByteBuffer.self))
        let addresses = [frame, written].map { $0.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) } }
        #expect(addresses[0] == addresses[1])
    }

    @Test("while the client does not read, durable frames wait and of the others only the latest does")
    func latestOnly() throws {
        let harness = try Harness()
        harness.setWritable(false)
        for number in 1...1000 {
            try harness.connection.sendLatest(key: "progress", encodedFrame: Self.frame("\(number) ‰"))
        }
        try harness.connection.send(encodedFrame: Self.frame("new_photo"))
        try harness.connection.sendLatest(key: "clock", encodedFrame: Self.frame("tick"))
        harness.turn()
        #expect(try harness.sent() == [])
        #expect(try harness.connection.queuedBytes > 0)
        harness.setWritable(true)
        #expect(try harness.sent() == [.text("1000 ‰"), .text("new_photo"), .text("tick")])
        #expect(try harness.connection.queuedBytes == 0 && harness.transport.flushes == 1)
    }

    @Test("what is sent when the transport has room again does not overtake the queue")
    func noOvertaking() throws {
        let harness = try Harness()
        harness.setWritable(false)
        try harness.connection.send(encodedFrame: Self.frame("first"))
        // The channel may have room before it says so.
        harness.channel.isWritable = true
        try harness.connection.send(encodedFrame: Self.frame("second"))
        harness.turn()
        #expect(try harness.sent() == [.text("first"), .text("second")])
    }

    @Test("who was not given a chance to read is not slow: what was written in a turn leaves before the bound is called exceeded")
    func notSlow() throws {
        let harness = try Harness()
        try harness.connection.send(encodedFrame: Self.frame("first"))
        // As if much had been written in this turn, and nothing had left.
        harness.channel.isWritable = false
        let frame = Self.frame(String(repeating: "x", count: 64_000))
        for _ in 0..<16 { try harness.connection.send(encodedFrame: frame) }
        #expect(harness.transport.flushes == 0)
        harness.transport.onFlush = { harness.channel.isWritable = true }
        try harness.connection.send(encodedFrame: frame)
        #expect(try harness.connection.isOpen && harness.transport.flushes == 1)
        try harness.connection.send(encodedFrame: Self.frame("last"))
        harness.turn()
        #expect(try harness.sent().last == .text("last"))
    }

    @Test("a reader too slow for the bound is closed with 3008, its queue dropped and its owner told afterwards")
    func slowReader() throws {
        let harness = try Harness()
        let connection = try harness.connection
        let frame = Self.frame(String(repeating: "x", count: 64_000))
        harness.setWritable(false)
        var accepted = 0
        while connection.isOpen, accepted < 100 {
            connection.send(encodedFrame: frame)
            accepted += 1
            #expect(connection.queuedBytes <= 1 << 20)
        }
        #expect(accepted == 17 && connection.queuedBytes == 0)
        #expect(harness.owner.closings == [])
        harness.turn()
        #expect(harness.owner.closings == [.slow])
        #expect(try harness.sent() == [.close(3008, "slow")])
        harness.advance(.seconds(5))
        #expect(harness.transport.isClosed && harness.owner.closings == [.slow])
    }

    @Test("latest-only frames never close a connection")
    func latestNeverCloses() throws {
        let harness = try Harness()
        harness.setWritable(false)
        let frame = Self.frame(String(repeating: "x", count: 100_000))
        for key in 0..<200 { try harness.connection.sendLatest(key: "\(key)", encodedFrame: frame) }
        #expect(try harness.connection.isOpen && harness.connection.queuedBytes <= 1 << 20)
    }

    @Test("the owner's close leaves behind what was queued before it")
    func closeAfterQueue() throws {
        let harness = try Harness()
        harness.setWritable(false)
        try harness.connection.send(encodedFrame: Self.frame("queued"))
        try harness.connection.close(code: .normalClosure)
        try harness.receive(clientBytes(.connectionClose, [0x03, 0xE8]))
        #expect(try harness.sent() == [] && !harness.transport.isOutputClosed)
        harness.setWritable(true)
        #expect(try harness.sent() == [.text("queued"), .close(1000)])
        #expect(harness.transport.isOutputClosed)
    }

    @Test("pings from a client that does not read are not answered one by one")
    func pongsHeldBack() throws {
        let harness = try Harness()
        harness.setWritable(false)
        for number in 0..<50 { try harness.receive(clientBytes(.ping, [UInt8(number)])) }
        #expect(try harness.sent() == [])
        harness.setWritable(true)
        #expect(try harness.sent() == [ServerFrame(opcode: .pong, payload: [49])])
    }

    @Test("an owner may close and overflow connections while it walks over a list of them")
    func reentrancy() throws {
        let harness = try Harness()
        var others = [try harness.connection]
        harness.owner.onText = { _, connection in
            connection.close(code: .normalClosure)
            connection.send(text: ByteBuffer(string: "after"))
            others.removeAll()
        }
        try harness.receive(clientText("a"), clientText("b"))
        #expect(harness.owner.texts == ["a"] && others.isEmpty)
        #expect(try harness.sent() == [.close(1000)])
    }
}
