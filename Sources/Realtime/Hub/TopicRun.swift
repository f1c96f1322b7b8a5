package import Core
import Sockets

/// Events of one topic that came one after the other and leave in the same turn of the event loop that it belongs to.
package final class TopicRun {
    package let topic: Topic
    package let events: [HubEvent]
    /// The first and the last of the durable ones; `nil` if there are none.
    package let offsets: ClosedRange<Int64>?
    /// All messages of `/ws` in one, made once: a follower whose transport has room is written to once, however many there are.
    package private(set) lazy var json = PreparedRun(events.map(\.json))

    init(_ topic: Topic, _ events: [HubEvent]) {
        self.topic = topic
        self.events = events
        let offsets = events.compactMap(\.offset)
        self.offsets = offsets.first.flatMap { first in offsets.last.map { first...max(first, $0) } }
    }
}

@available(*, unavailable)
extension TopicRun: Sendable {}
