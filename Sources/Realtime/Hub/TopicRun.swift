package import Core
import NIOCore
import Sockets

/// Events of one topic that came one after the other and leave in the same turn of the event loop that it belongs to.
package final class TopicRun {
    package let topic: Topic
    package let events: [HubEvent]
    /// The first and the last of the durable ones; `nil` if there are none.
    package let offsets: ClosedRange<Int64>?
    /// All messages of `/ws` in one, made once: a follower whose transport has room is written to once, however many there are.
    package private(set) lazy var json = PreparedRun(events.map(\.json))
    private lazy var packets = PreparedRun(events.map { $0.socketIO(in: .main) })
    private lazy var partyPackets = PreparedRun(events.map { $0.socketIO(in: .watchParty) })

    private var streamText: ByteBuffer?

    init(_ topic: Topic, _ events: [HubEvent]) {
        self.topic = topic
        self.events = events
        let offsets = events.compactMap(\.offset)
        self.offsets = offsets.first.flatMap { first in offsets.last.map { first...max(first, $0) } }
    }

    /// The same of `/socket.io/`, for those of its clients in a namespace who have a WebSocket.
    func socketIO(in namespace: SocketIONamespace) -> PreparedRun {
        switch namespace {
        case .main: packets
        case .watchParty: partyPackets
        }
    }

    /// All of them as server-sent events, made once, too.
    func eventStream(_ epoch: String) -> ByteBuffer {
        if let streamText { return streamText }
        let texts = events.map { $0.eventStream(epoch) }
        var all = texts[0]
        for text in texts.dropFirst() { all.writeImmutableBuffer(text) }
        streamText = all
        return all
    }
}

@available(*, unavailable)
extension TopicRun: Sendable {}
