import Core
import Metrics
import NIOConcurrencyHelpers
import NIOCore
import Sockets

/// What this process's wires have done and have to do, for administrators and for metrics.
///
/// Nothing is counted here: it reads what the event loops and the connections keep, and waits for none of them.
final class WireStatistics: Sendable {
    /// How many of the most followed topics are told.
    static let mostTopics = 20

    private struct State: Sendable {
        var ring: RateRing
        /// What the counters have been given.
        var delivered = 0
        var dropped = 0
    }

    private let node: String
    private let hub: Hub
    private let connections: ConnectionCount
    private let topics: TopicLedger
    private let queues: OutboundTally
    private let since: Timestamp
    private let state: NIOLockedValueBox<State>

    private let deliveries = Counter(label: "lumiere_realtime_deliveries")
    private let drops = Counter(label: "lumiere_realtime_dropped")
    private let queued = Gauge(label: "lumiere_realtime_queued_bytes")
    private let largest = Gauge(label: "lumiere_realtime_largest_queue_bytes")

    private let kinds = Topic.Kind.allCases.filter { $0 != .everyone }.map { kind in
        (kind, Gauge(label: "lumiere_realtime_topics", dimensions: [("kind", kind.rawValue)]))
    }

    /// - Parameter node: names this process.
    init(_ house: WireHouse, node: String, at now: NIODeadline = .now()) {
        self.node = node
        (hub, connections, topics, queues) = (house.hub, house.connections, house.followed, house.queues)
        since = house.clock.now()
        state = NIOLockedValueBox(State(ring: RateRing(since: now)))
    }

    /// Looks every second, until cancelled.
    func run() async {
        while !Task.isCancelled {
            look(at: .now())
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// Takes note of the totals, and tells the metrics.
    func look(at now: NIODeadline) {
        let (totals, dropped) = (hub.totals, queues.droppedFrames)
        let news = state.withLockedValue { state in
            state.ring.note(totals, at: now)
            defer { (state.delivered, state.dropped) = (totals.delivered, dropped) }
            return (delivered: totals.delivered - state.delivered, dropped: dropped - state.dropped)
        }
        deliveries.increment(by: news.delivered)
        drops.increment(by: news.dropped)
        let waiting = hub.waiting
        queued.record(waiting.bytes)
        largest.record(waiting.largest)
        let counts = topics.kinds
        for (kind, gauge) in kinds { gauge.record(counts[kind] ?? 0) }
    }

    /// Everything, as it is now.
    func view(at now: NIODeadline = .now()) -> WireStatisticsView {
        let (open, kinds, waiting) = (connections.open, topics.kinds, hub.waiting)
        let ended = Dictionary(uniqueKeysWithValues: Ending.allCases.map { ($0.rawValue, 0) })
            .merging(connections.ended.map { ($0.key.rawValue, $0.value) }) { $1 }
        return WireStatisticsView(
            node: node, since: since, connections: .init(total: open.total, byWire: open.named),
            topics: .init(
                total: kinds.values.reduce(0, +), byKind: Dictionary(uniqueKeysWithValues: kinds.map { ($0.key.rawValue, $0.value) }),
                most: topics.most(Self.mostTopics).map {
                    .init(topic: $0.topic.name, followers: $0.followers.total, byWire: $0.followers.named)
                }),
            queues: .init(bytes: waiting.bytes, largest: waiting.largest, dropped: queues.droppedFrames), closed: ended,
            events: events(at: now))
    }

    private func events(at now: NIODeadline) -> WireStatisticsView.Events {
        let (totals, ring) = (hub.totals, state.withLockedValue { $0.ring })
        func rate(_ number: KeyPath<RateRing.Totals, Int>) -> WireStatisticsView.Rate {
            .init(
                last10: ring.rate(of: number, over: .seconds(10), totals, at: now),
                last60: ring.rate(of: number, over: .seconds(60), totals, at: now))
        }
        return .init(
            published: totals.published, delivered: totals.delivered, publishedPerSecond: rate(\.published),
            deliveredPerSecond: rate(\.delivered))
    }
}
