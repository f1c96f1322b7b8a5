import NIOCore
import NIOEmbedded
import NIOWebSocket
import Testing

@testable import Sockets

@Suite("The channel handler, inbound and in time")
struct HandlerTests {
    @Test("a message arrives, in however many pieces its frames and bytes come")
    func fragments() throws {
        let harness = try Harness()
        var bytes = clientText("Lu", fin: false)
        bytes.writeImmutableBuffer(clientBytes(.ping, [7]))
        bytes.writeImmutableBuffer(clientBytes(.continuation, Array("mière".utf8)))
        while let piece = bytes.readSlice(length: 1) { try harness.receive(piece) }
        #expect(harness.owner.texts == ["Lumière"])
        #expect(try harness.sent() == [ServerFrame(opcode: .pong, payload: [7])])
    }

    @Test("many pings in one read get their pongs in one flush")
    func pings() throws {
        let harness = try Harness()
        try harness.receive((0..<90).map { clientBytes(.ping, [$0]) })
        #expect(try harness.sent() == (0..<90).map { ServerFrame(opcode: .pong, payload: [$0]) })
        #expect(harness.transport.flushes == 1)
    }

    @Test("a client that answers pings stays; one that falls silent is closed with 3012 and then cut off")
    func liveness() throws {
        let harness = try Harness()
        let ping = ServerFrame(opcode: .ping, payload: [])
        for _ in 0..<3 {
            harness.advance(.seconds(25))
            #expect(try harness.sent() == [ping])
            try harness.receive(clientBytes(.pong))
        }
        harness.advance(.seconds(25))
        harness.advance(.milliseconds(7_999))
        #expect(try harness.sent() == [ping])
        harness.advance(.milliseconds(1))
        #expect(try harness.sent() == [.close(3012, "no pong")])
        #expect(harness.owner.closings == [.noPong] && harness.transport.isOutputClosed && !harness.transport.isClosed)
        harness.advance(.seconds(5))
        #expect(harness.transport.isClosed && harness.owner.closings == [.noPong])
    }

    @Test("a frame that comes in slowly counts as a sign of life")
    func drippingFrame() throws {
        let harness = try Harness()
        var bytes = clientText("slow uplink")
        for _ in 0..<8 {
            harness.advance(.seconds(25))
            try harness.receive(bytes.readSlice(length: 1) ?? ByteBuffer())
        }
        harness.advance(.seconds(8))
        #expect(harness.owner.closings == [])
    }

    @Test("the peer's close is answered once, reported, and followed by the end of our half")
    func peerCloses() throws {
        let harness = try Harness()
        try harness.receive(clientBytes(.connectionClose, [0x03, 0xE9]), clientText("late"), clientBytes(.connectionClose))
        #expect(try harness.sent() == [.close(1001)])
        #expect(harness.owner.closings == [.goingAway] && harness.owner.texts == [])
        #expect(harness.transport.isOutputClosed)
        try harness.connection.send(text: ByteBuffer(string: "too late"))
        harness.turn()
        #expect(try harness.sent() == [])
    }

    @Test("the owner's close waits for the peer's answer before the transport ends")
    func ownerCloses() throws {
        let harness = try Harness()
        try harness.connection.send(text: ByteBuffer(string: "last words"))
        try harness.connection.close(code: WebSocketCloseCode(rawValue: 3500), reason: "token")
        #expect(harness.owner.closings == [], "never from within a call")
        harness.turn()
        #expect(try harness.sent() == [.text("last words"), .close(3500, "token")])
        #expect(harness.owner.closings.map(\.rawValue) == [3500] && !harness.transport.isOutputClosed)
        try harness.receive(clientText("late"), clientBytes(.connectionClose, [0x0D, 0xAC]))
        #expect(harness.transport.isOutputClosed && harness.owner.texts == [])
    }

    @Test(
        "bytes that are no frames close with the matching code",
        arguments: [
            ([0x81, 0xFF, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0], 1009, "message too big"),
            ([0x81, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0], 1009, "message too big"),
            ([0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0], 1002, "bad length"),
            ([0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0], 1002, "bad length"),
            ([0x81, 0xFE, 0x00, 0x7D, 0, 0, 0, 0], 1002, "bad length"),
            ([0x09, 0x80, 0, 0, 0, 0], 1002, "fragmented control frame"),
            ([0x89, 0xFE, 0x00, 0x7E, 0, 0, 0, 0], 1002, "control frame too long"),
            ([0xC1, 0x80, 0, 0, 0, 0], 1002, "reserved bit without an extension"),
            ([0x81, 0x00], 1002, "frame is not masked"),
        ] as [([UInt8], UInt16, String)])
    func undecodable(bytes: [UInt8], code: UInt16, reason: String) throws {
        let harness = try Harness()
        try harness.receive(ByteBuffer(bytes: bytes))
        try harness.receive(ByteBuffer(repeating: 0x55, count: 1000))
        #expect(try harness.sent() == [.close(code, reason)])
        #expect(harness.owner.closings.map(\.rawValue) == [code] && harness.transport.isOutputClosed)
    }

    @Test("a server that goes down says 1001")
    func quiesce() throws {
        let harness = try Harness()
        harness.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        harness.turn()
        #expect(try harness.sent() == [.close(1001, "server shutting down")])
    }

    @Test("a transport that ends, wholly or in the peer's half, is reported as 1006", arguments: [true, false])
    func transportEnds(wholly: Bool) throws {
        let harness = try Harness()
        if wholly {
            harness.channel.close(promise: nil)
        } else {
            harness.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        }
        harness.turn()
        #expect(harness.owner.closings == [.abnormal] && harness.transport.isClosed)
        #expect(try harness.connection.isOpen == false)
    }

    @Test("a binary message is refused unless the owner takes it")
    func binary() throws {
        let harness = try Harness()
        try harness.receive(clientBytes(.binary, [1]))
        #expect(try harness.sent() == [.close(1003, "text only")])
    }

    @Test("over the burst the socket is not read until the debt is paid")
    func pacing() throws {
        let harness = try Harness()
        try harness.receive((0..<100).map { clientText("\($0)") })
        let reads = harness.transport.reads
        try harness.receive((0..<50).map { clientText("\($0)") })
        #expect(harness.owner.texts.count == 150)
        #expect(harness.transport.reads == reads)
        harness.advance(.milliseconds(999))
        #expect(harness.transport.reads == reads)
        harness.advance(.milliseconds(1))
        #expect(harness.transport.reads == reads + 1)
    }

    @Test("a flood is closed with 3013 and delivered no further")
    func flood() throws {
        let harness = try Harness()
        try harness.receive((0..<500).map { clientText("\($0)") })
        #expect(harness.owner.texts.count == 200)
        #expect(try harness.sent() == [.close(3013, "too many requests")])
    }

    @Test("connection, handler and owner are released when all is over")
    func released() throws {
        weak var owner: Owner?
        weak var connection: WebSocketConnection?
        do {
            let harness = try Harness()
            owner = harness.owner
            connection = harness.owner.connection
            try harness.receive(clientBytes(.connectionClose))
            _ = try harness.channel.finish(acceptAlreadyClosed: true)
        }
        #expect(owner == nil && connection == nil)
    }
}
