import Core
import NIOConcurrencyHelpers

/// One order of events for all topics, a history of all that was published, and a moment at which a test may act: between the
/// reading of one history and the next.
final class MemoryBroker: Broker {
    private struct State: Sendable {
        var epoch = "first"
        var events: [PublishedEvent] = []
        var floor: Int64 = 0
        var next: Int64 = 1
        var receiver: (any EventReceiver)?
        var onRead: (@Sendable (Topic) -> Void)?
    }

    private let state = NIOLockedValueBox(State())

    var epoch: String { state.withLockedValue { $0.epoch } }
    /// The offset of the newest event, of whatever topic.
    var newest: Int64 { state.withLockedValue { $0.next - 1 } }
    func begin(_ epoch: String) { state.withLockedValue { $0.epoch = epoch } }
    func subscribe(_ receiver: any EventReceiver) { state.withLockedValue { $0.receiver = receiver } }

    /// Is called after each look at a history with its topic.
    func onRead(_ body: (@Sendable (Topic) -> Void)?) { state.withLockedValue { $0.onRead = body } }

    /// Forgets everything up to an offset.
    func prune(through offset: Int64) {
        state.withLockedValue { state in
            state.floor = offset
            state.events.removeAll { $0.offset <= offset }
        }
    }

    /// - Parameter isHeard: whether it reaches the receiver, too.
    @discardableResult
    func publish(_ topic: Topic, data: String = "{}", isHeard: Bool = true) -> Int64 {
        let (event, receiver) = state.withLockedValue { state in
            let event = PublishedEvent(
                event: DurableEvent(topic: topic, name: "new_photo", data: data), offset: state.next, at: Timestamp(milliseconds: 0))
            state.next += 1
            state.events.append(event)
            return (event, state.receiver)
        }
        if isHeard { receiver?.receive(event) }
        return event.offset
    }

    func history(of topic: Topic, after offset: Int64, limit: Int) async throws -> TopicHistory {
        let (events, isComplete, onRead) = state.withLockedValue { state in
            let events = state.events.filter { $0.event.topic == topic && $0.offset > offset }
            return (events, offset >= state.floor && offset < state.next && events.count <= limit, state.onRead)
        }
        defer { onRead?(topic) }
        return TopicHistory(events: Array(events.prefix(limit)), isComplete: isComplete)
    }

    func latestOffset(of topic: Topic) async throws -> Int64 {
        let (latest, onRead) = state.withLockedValue { state in
            (state.events.last { $0.event.topic == topic }?.offset ?? 0, state.onRead)
        }
        defer { onRead?(topic) }
        return latest
    }
}
