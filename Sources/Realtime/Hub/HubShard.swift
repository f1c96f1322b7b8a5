import Core
import NIOConcurrencyHelpers
import NIOCore

/// A follower of topics on one event loop.
protocol Subscriber: AnyObject {
    /// A durable event of a followed topic.
    func deliver(_ topic: Topic, offset: Int64, _ frame: ByteBuffer)
    /// An ephemeral event of a followed topic.
    func deliverLatest(_ topic: Topic, key: String, _ frame: ByteBuffer)
    /// Looks whether its grants still hold, and closes if not. Called every second.
    func reconsider()
    /// Closes, so that the client connects again: events have been lost on their way here.
    func showOutForLoss()
}

/// The subscriptions of the connections of one event loop. Only that loop touches them; other threads may ask
/// whether a topic has followers here, so that a loop without any is not woken.
final class HubShard: Sendable {
    private struct State {
        var followers: [Topic: [ObjectIdentifier: any Subscriber]] = [:]
        var connections: [ObjectIdentifier: any Subscriber] = [:]
        var timer: RepeatedTask?
    }

    let eventLoop: any EventLoop
    private let state: NIOLoopBoundBox<State>
    private let followed = NIOLockedValueBox<Set<Topic>>([])

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        self.state = NIOLoopBoundBox.makeBoxSendingValue(State(), eventLoop: eventLoop)
    }

    /// Whether somebody here follows the topic; from any thread.
    func hasFollowers(of topic: Topic) -> Bool { followed.withLockedValue { $0.contains(topic) } }

    // MARK: On the event loop

    func add(_ connection: any Subscriber) {
        state.value.connections[ObjectIdentifier(connection)] = connection
        guard state.value.timer == nil else { return }
        state.value.timer = eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { [weak self] _ in
            self?.reconsiderAll()
        }
    }

    func remove(_ connection: any Subscriber) {
        state.value.connections[ObjectIdentifier(connection)] = nil
        guard state.value.connections.isEmpty else { return }
        state.value.timer?.cancel()
        state.value.timer = nil
    }

    func subscribe(_ subscriber: any Subscriber, to topic: Topic) {
        state.value.followers[topic, default: [:]][ObjectIdentifier(subscriber)] = subscriber
        followed.withLockedValue { _ = $0.insert(topic) }
    }

    func unsubscribe(_ subscriber: any Subscriber, from topic: Topic) {
        state.value.followers[topic]?[ObjectIdentifier(subscriber)] = nil
        guard state.value.followers[topic]?.isEmpty ?? false else { return }
        state.value.followers[topic] = nil
        followed.withLockedValue { _ = $0.remove(topic) }
    }

    func deliver(_ topic: Topic, offset: Int64, _ frame: ByteBuffer) {
        guard let followers = state.value.followers[topic] else { return }
        for subscriber in followers.values { subscriber.deliver(topic, offset: offset, frame) }
    }

    func deliverLatest(_ topic: Topic, key: String, _ frame: ByteBuffer) {
        guard let followers = state.value.followers[topic] else { return }
        for subscriber in followers.values { subscriber.deliverLatest(topic, key: key, frame) }
    }

    func showOutAll() {
        for connection in state.value.connections.values { connection.showOutForLoss() }
    }

    private func reconsiderAll() {
        for connection in state.value.connections.values { connection.reconsider() }
    }
}
