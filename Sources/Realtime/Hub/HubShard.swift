package import Core
import NIOConcurrencyHelpers
import NIOCore

/// A follower of topics on one event loop.
package protocol Subscriber: AnyObject {
    /// Events of a followed topic, or for everybody.
    /// - Returns: whether all of it was written and leaves with `flush()`, which will be called in the same turn of the loop.
    func deliver(_ run: TopicRun) -> Bool
    /// Sends what was written.
    func flush()
    /// Bytes that wait for it to read.
    var queuedBytes: Int { get }
    /// Looks whether its grants still hold, and closes if not. Called every second.
    func reconsider()
    /// Closes, so that the client connects again: events have been lost on their way here.
    func showOutForLoss()
    /// Closes if it is meant by an administrator's order.
    func showOut(_ eviction: Eviction)
}

/// The subscriptions of the connections of one event loop. Only that loop touches them; other threads may ask
/// whether a topic has followers here, so that a loop without any is not woken.
package final class HubShard: Sendable {
    private struct State {
        var followers: [Topic: [ObjectIdentifier: any Subscriber]] = [:]
        var connections: [ObjectIdentifier: any Subscriber] = [:]
        var timer: RepeatedTask?
    }

    /// Connections that are looked at in one turn of the loop where that is not urgent.
    private static let slice = 256

    let eventLoop: any EventLoop
    let tally = ShardTally()
    private let state: NIOLoopBoundBox<State>
    private let followed = NIOLockedValueBox<Set<Topic>>([])
    private let inbox = NIOLockedValueBox(HubInbox())

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        self.state = NIOLoopBoundBox.makeBoxSendingValue(State(), eventLoop: eventLoop)
    }

    /// Whether somebody here follows the topic; from any thread.
    func hasFollowers(of topic: Topic) -> Bool { followed.withLockedValue { $0.contains(topic) } }

    /// Hands an event to the followers here, in the next turn of the loop; from any thread.
    func give(_ topic: Topic, _ event: HubEvent) {
        if inbox.withLockedValue({ $0.append(topic, event) }) { handOutSoon() }
    }

    /// Shows all connections here out, since events have been lost, and hands out nothing before that; from any thread.
    func giveUp() {
        if inbox.withLockedValue({ $0.giveUp() }) { handOutSoon() }
    }

    /// Shows out the connections here that are meant, some in each turn of the loop; from any thread.
    func showOut(_ eviction: Eviction) {
        eventLoop.execute { self.showOut(Array(self.state.value.connections.values)[...], eviction) }
    }

    private func handOutSoon() { eventLoop.execute { self.handOut() } }

    // MARK: On the event loop

    func add(_ connection: any Subscriber) {
        state.value.connections[ObjectIdentifier(connection)] = connection
        guard state.value.timer == nil else { return }
        followed.withLockedValue { _ = $0.insert(.everyone) }
        state.value.timer = eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { [weak self] _ in
            self?.reconsiderAll()
        }
    }

    func remove(_ connection: any Subscriber) {
        state.value.connections[ObjectIdentifier(connection)] = nil
        guard state.value.connections.isEmpty else { return }
        state.value.timer?.cancel()
        state.value.timer = nil
        followed.withLockedValue { _ = $0.remove(.everyone) }
        tally.saw(queued: 0, largest: 0)
    }

    package func subscribe(_ subscriber: any Subscriber, to topic: Topic) {
        state.value.followers[topic, default: [:]][ObjectIdentifier(subscriber)] = subscriber
        followed.withLockedValue { _ = $0.insert(topic) }
    }

    package func unsubscribe(_ subscriber: any Subscriber, from topic: Topic) {
        state.value.followers[topic]?[ObjectIdentifier(subscriber)] = nil
        guard state.value.followers[topic]?.isEmpty ?? false else { return }
        state.value.followers[topic] = nil
        followed.withLockedValue { _ = $0.remove(topic) }
    }

    private func handOut() {
        let contents = inbox.withLockedValue { $0.take() }
        if contents.isIncomplete { showOutAll() }
        if contents.runs.count == 1 { deliverAtOnce(contents.runs[0]) } else { deliver(contents.runs) }
        if contents.hasMore { handOutSoon() }
    }

    // Nobody leaves while this goes on: connections are reported closed at the end of a turn.
    private func deliverAtOnce(_ run: HubInbox.Run) {
        guard let followers = followers(of: run.topic) else { return }
        let run = TopicRun(run.topic, run.events)
        var count = 0
        for subscriber in followers.values where subscriber.deliver(run) {
            subscriber.flush()
            count += 1
        }
        tally.delivered(count * run.events.count)
    }

    // What one subscriber is due of several topics leaves in one write.
    private func deliver(_ runs: [HubInbox.Run]) {
        var written: [any Subscriber] = []
        for run in runs {
            guard let followers = followers(of: run.topic) else { continue }
            let run = TopicRun(run.topic, run.events)
            let before = written.count
            for subscriber in followers.values where subscriber.deliver(run) { written.append(subscriber) }
            tally.delivered((written.count - before) * run.events.count)
        }
        for subscriber in written { subscriber.flush() }
    }

    private func followers(of topic: Topic) -> [ObjectIdentifier: any Subscriber]? {
        topic == .everyone ? state.value.connections : state.value.followers[topic]
    }

    private func showOut(_ connections: ArraySlice<any Subscriber>, _ eviction: Eviction) {
        for connection in connections.prefix(Self.slice) { connection.showOut(eviction) }
        let rest = connections.dropFirst(Self.slice)
        if !rest.isEmpty { eventLoop.assumeIsolated().execute { self.showOut(rest, eviction) } }
    }

    private func showOutAll() {
        for connection in state.value.connections.values { connection.showOutForLoss() }
    }

    private func reconsiderAll() {
        var (sum, largest) = (0, 0)
        for connection in state.value.connections.values {
            connection.reconsider()
            let queued = connection.queuedBytes
            (sum, largest) = (sum + queued, max(largest, queued))
        }
        tally.saw(queued: sum, largest: largest)
    }
}
