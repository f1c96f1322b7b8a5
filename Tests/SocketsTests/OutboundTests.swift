import NIOCore
import NIOWebSocket
import Testing

@testable import Sockets

@Suite("What is sent: frames, the queue and the close payload")
struct OutboundTests {
    @Test("lengths take the shortest form", arguments: [(0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)])
    func lengths(length: Int, header: Int) throws {
        let payload = ByteBuffer(repeating: 0x61, count: length)
        let frame = WebSocketFrames.text(payload)
        #expect(frame.readableBytes == header + length)
        #expect(ServerFrame.parse(frame) == [ServerFrame(opcode: .text, payload: Array(buffer: payload))])
        #expect(ServerFrame.parse(WebSocketFrames.binary(payload))?.first?.opcode == .binary)
    }

    @Test("a long reason is cut between characters, and a code that may not be sent is left out")
    func closePayload() throws {
        let long = CloseContent(code: .slow, reason: String(repeating: "é", count: 100))
        #expect(long.payload.readableBytes == 124)
        #expect(try CloseContent(payload: long.payload).reason == String(repeating: "é", count: 61))
        #expect(CloseContent(code: .abnormal, reason: "x").payload.readableBytes == 0)
    }

    static func queue(bytes: Int = 1000, keys: Int = 3) -> OutboundQueue { OutboundQueue(maxBytes: bytes, maxKeys: keys) }

    static func drain(_ queue: inout OutboundQueue) -> [String] {
        var frames: [String] = []
        while let frame = queue.popFirst() { frames.append(String(buffer: frame)) }
        return frames
    }

    static func frame(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

    static func append(_ text: String, to queue: inout OutboundQueue, fits: Bool = true) {
        let isAppended = queue.append(frame(text))
        #expect(isAppended == fits)
    }

    @Test("frames leave in the order of sending, latest-only ones in the place of their newest version")
    func order() {
        var queue = Self.queue()
        queue.replaceLatest(key: "progress", Self.frame("p1"))
        Self.append("d1", to: &queue)
        queue.replaceLatest(key: "clock", Self.frame("c1"))
        queue.replaceLatest(key: "progress", Self.frame("p2"))
        Self.append("d2", to: &queue)
        #expect(Self.drain(&queue) == ["d1", "c1", "p2", "d2"])
        #expect(queue.isEmpty && queue.byteCount == 0)
    }

    @Test("beyond the number of keys the oldest is dropped")
    func keys() {
        var queue = Self.queue()
        for key in ["a", "b", "c", "a", "d"] { queue.replaceLatest(key: key, Self.frame(key)) }
        #expect(Self.drain(&queue) == ["c", "a", "d"])
    }

    @Test("durable frames push latest-only ones out, and are refused when they alone are too many")
    func bound() {
        var queue = Self.queue(bytes: 3 * 65)
        queue.replaceLatest(key: "a", Self.frame("a"))
        for text in ["1", "2", "3"] { Self.append(text, to: &queue) }
        #expect(queue.byteCount == 3 * 65)
        queue.replaceLatest(key: "b", Self.frame("b"))
        Self.append("4", to: &queue, fits: false)
        #expect(Self.drain(&queue) == ["1", "2", "3"])
    }

    @Test("latest-only frames that are replaced or find no room are counted, those that leave are not")
    func tally() {
        let tally = OutboundTally()
        var queue = OutboundQueue(maxBytes: 3 * 65, maxKeys: 2, tally: tally)
        for key in ["a", "a", "b", "c"] { queue.replaceLatest(key: key, Self.frame(key)) }
        // One of the same key, and the oldest of three.
        #expect(tally.droppedFrames == 2)
        #expect(Self.drain(&queue) == ["b", "c"] && tally.droppedFrames == 2)
        queue.replaceLatest(key: "a", Self.frame("a"))
        for text in ["1", "2", "3"] { Self.append(text, to: &queue) }
        #expect(tally.droppedFrames == 3)
        queue.replaceLatest(key: "b", Self.frame("b"))
        #expect(tally.droppedFrames == 4)
        queue.removeAll()
        queue.replaceLatest(key: "a", Self.frame("a"))
        queue.replaceLatest(key: "a", Self.frame("a"))
        #expect(tally.droppedFrames == 5)
    }

    @Test("the bound holds whatever is sent")
    func boundHolds() {
        var generator = SeededGenerator(seed: 7)
        var queue = Self.queue(bytes: 4096, keys: 8)
        for _ in 0..<20_000 {
            let frame = ByteBuffer(repeating: 0, count: Int.random(in: 0...700, using: &generator))
            switch Int.random(in: 0...2, using: &generator) {
            case 0: _ = queue.append(frame)
            case 1: queue.replaceLatest(key: "\(Int.random(in: 0...20, using: &generator))", frame)
            default: _ = queue.popFirst()
            }
            #expect((0...4096).contains(queue.byteCount))
        }
        _ = Self.drain(&queue)
        #expect(queue.byteCount == 0)
    }
}
