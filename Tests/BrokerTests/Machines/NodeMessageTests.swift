import Core
import NIOCore
import Testing

@testable import Broker

@Suite struct `Node message` {
    static let messages: [NodeMessage] = [
        .events(EventBatch(generation: 2, after: 3, predecessor: EventDigest(value: .max), through: 6, events: [published(4), published(6, "\"ü:\\n\"")])),
        .events(EventBatch(generation: 2, after: 3, through: 4, events: [])),
        .more(through: OutboxPosition(generation: 2, sequence: 7)), .ephemeral(progress(), from: "node"), .nudge(name: "upload", payload: "", from: "node"),
    ]

    @Test("comes back as it went", arguments: messages)
    func roundTrip(_ message: NodeMessage) {
        #expect(NodeMessage(Array(buffer: message.bytes)) == message)
    }

    @Test("cut off or lengthened it is none", arguments: messages)
    func damaged(_ message: NodeMessage) {
        let bytes = Array(buffer: message.bytes)
        for count in 0..<bytes.count {
            if let shorter = NodeMessage(Array(bytes[..<count])) {
                // Only whole events can be missing at a batch's end.
                guard case .events = shorter else { Issue.record("\(count) bytes are a message"); continue }
            }
        }
        #expect(NodeMessage(bytes + [0]) == nil)
    }

    @Test("anything else is none", arguments: [
        "", "x", "1:1" + "7:through1:01:7", "1:27:through1:02:xx", "1:27:through1:099:1", "1:27:through1:0-1:", "1:25:other",
        "1:27:through1:7", "1:25:batch1:01:50:1:5", "1:25:batch1:01:52:xy1:6", "1:25:batch1:01:50:1:6" + "1:51:1",
        "999999999999999999:x", ":", "1:27:through1:03:1\u{e9}", "1:24:more1:7",
    ])
    func nonsense(_ text: String) {
        #expect(NodeMessage(Array(text.utf8)) == nil)
    }

    @Test("a long batch is cut into messages that follow each other")
    func cutting() {
        let batch = EventBatch(generation: 2, after: 0, through: 12, events: (1...10).map { published($0) })
        let messages = NodeMessage.messages(for: batch, maxBytes: 500)
        var (order, offsets) = (Self.order, [Int64]())
        for message in messages {
            guard case .events(let part) = message else { Issue.record("\(message)"); continue }
            #expect(message.bytes.readableBytes <= 600)
            offsets += order.received(part).map(\.offset)
        }
        #expect(messages.count > 2 && offsets == Array(1...10) && order.delivered == batch.end)
        // Each but the first says what comes before it.
        for (earlier, later) in zip(messages, messages.dropFirst()) {
            guard case .events(let before) = earlier, case .events(let part) = later else { continue }
            #expect(part.predecessor == before.events.last.map(EventDigest.init))
        }
    }

    @Test("an event that no message can hold is only pointed at")
    func tooBig() {
        let big = published(2, String(repeating: "x", count: 1000))
        let batch = EventBatch(generation: 2, after: 0, through: 3, events: [published(1), big, published(3)])
        let first = EventBatch(generation: 2, after: 0, through: 1, events: [published(1)])
        #expect(NodeMessage.messages(for: batch, maxBytes: 500) == [.events(first), .more(through: OutboxPosition(generation: 2, sequence: 3))])
    }

    private static var order: DeliveryOrder {
        DeliveryOrder(from: OutboxMark(position: OutboxPosition(generation: 2, sequence: 0)))
    }

    private static func published(_ offset: Int64, _ data: String = "{}") -> PublishedEvent {
        PublishedEvent(
            event: DurableEvent(topic: topic, name: "new_photo", data: data), offset: offset,
            at: Timestamp(milliseconds: 1000 + offset))
    }

    private func published(_ offset: Int64, _ data: String = "{}") -> PublishedEvent { Self.published(offset, data) }
}
