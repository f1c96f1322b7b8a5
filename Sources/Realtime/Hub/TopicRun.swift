package import Core
package import NIOCore

/// An event as the followers of its topic get it: a whole frame, made once for all of them.
package struct HubEvent: Sendable {
    package enum Kind: Sendable {
        case durable(offset: Int64)
        /// A slow reader gets the latest of each key.
        case ephemeral(key: String)
    }

    package let kind: Kind
    package let frame: ByteBuffer
}

/// Events of one topic that came one after the other and leave in the same turn of the event loop.
package struct TopicRun {
    package let topic: Topic
    package let events: [HubEvent]
    /// All frames in one buffer, made once: a follower whose transport has room is written to once, however many there are.
    package let frames: ByteBuffer
    /// The first and the last of the durable ones; `nil` if there are none.
    package let offsets: ClosedRange<Int64>?

    init(_ topic: Topic, _ events: [HubEvent]) {
        self.topic = topic
        self.events = events
        frames = Self.joined(events)
        let offsets = events.compactMap { event in if case .durable(let offset) = event.kind { offset } else { nil } }
        self.offsets = offsets.first.flatMap { first in offsets.last.map { first...max(first, $0) } }
    }

    private static func joined(_ events: [HubEvent]) -> ByteBuffer {
        if events.count == 1 { return events[0].frame }
        var all = ByteBufferAllocator().buffer(capacity: events.reduce(0) { $0 + $1.frame.readableBytes })
        for event in events { all.writeImmutableBuffer(event.frame) }
        return all
    }
}
