public import Core
import Metrics
import NIOConcurrencyHelpers
public import NIOCore
import Synchronization

/// Fans events out: each is handed to every event loop that has followers of its topic, and encoded once for each wire format.
public final class Hub: EventReceiver {
    private let shards: [ObjectIdentifier: HubShard]
    /// A closure that is kept bare in a generic box is wrapped once more by each access; within a value it is not.
    private struct Observer {
        let see: @Sendable (EphemeralEvent) -> Void
    }

    private let observer = NIOLockedValueBox<Observer?>(nil)
    private let published = Counter(label: "lumiere_events_published")
    private let publishedCount = Atomic<Int>(0)

    /// - Parameter eventLoops: the group that serves the connections.
    public init(eventLoops: any EventLoopGroup) {
        var shards: [ObjectIdentifier: HubShard] = [:]
        for loop in eventLoops.makeIterator() { shards[ObjectIdentifier(loop)] = HubShard(eventLoop: loop) }
        self.shards = shards
    }

    /// The shard of an event loop; `nil` for a loop of another group.
    package func shard(of eventLoop: any EventLoop) -> HubShard? { shards[ObjectIdentifier(eventLoop)] }

    /// Has every ephemeral event shown to one observer, which must not block, before the followers get it.
    func observe(_ see: @escaping @Sendable (EphemeralEvent) -> Void) {
        observer.withLockedValue { $0 = Observer(see: see) }
    }

    public func receive(_ event: PublishedEvent) {
        countPublished()
        fanOut(event.event.topic) { HubEvent(event) }
    }

    public func receive(_ event: EphemeralEvent) {
        countPublished()
        observer.withLockedValue { $0 }?.see(event)
        fanOut(event.topic) { HubEvent(event) }
    }

    /// Nobody can tell what is missing: every client connects again and learns what can be recovered.
    public func receiveLoss() {
        for shard in shards.values { shard.giveUp() }
    }

    /// Shows out the connections of this process that are meant by an administrator's order.
    func showOut(_ eviction: Eviction) { for shard in shards.values { shard.showOut(eviction) } }

    private func countPublished() {
        published.increment()
        publishedCount.wrappingAdd(1, ordering: .relaxed)
    }

    /// Events so far: those that came, and each as often as it was delivered.
    var totals: RateRing.Totals {
        RateRing.Totals(
            published: publishedCount.load(ordering: .relaxed), delivered: shards.values.reduce(0) { $0 &+ $1.tally.deliveries })
    }

    /// Bytes that wait for slow readers, and for the slowest, as of the last look at them.
    var waiting: (bytes: Int, largest: Int) {
        shards.values.reduce((0, 0)) { ($0.0 + $1.tally.queued, max($0.1, $1.tally.largest)) }
    }

    private func fanOut(_ topic: Topic, _ makeEvent: () -> HubEvent) {
        let due = shards.values.filter { $0.hasFollowers(of: topic) }
        guard !due.isEmpty else { return }
        let event = makeEvent()
        for shard in due { shard.give(topic, event) }
    }
}
