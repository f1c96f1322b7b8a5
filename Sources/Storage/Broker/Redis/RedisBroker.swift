import Core
import Foundation
import Logging
import Metrics
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The broker of several nodes, over Redis (7) or Valkey.
///
/// **Redis makes delivery fast and the database makes it certain.** The outbox numbers events (see `OutboxNumbering`):
/// one sequence for all topics, without holes, which is each event's offset as well, given in a transaction before
/// anybody hears of the event. So Redis has nothing to number and nothing to remember: a message says "this is the
/// outbox from 41 to 43", and every node lets each event through once and in order (`DeliveryOrder`), reading from the
/// outbox what no message brought. Numbering and publishing in one Redis script would make two numberings out of one,
/// and a server that loses its memory, or fails over to a replica that lags, would take the history with it; here it
/// costs some delay, offsets and epoch stay valid, and clients recover exactly what they missed.
///
/// While Redis is away, nodes look into the outbox ten times a second and whenever the database says that it has changed:
/// durable events reach everybody a little later, ephemeral ones and nudges stay on their node, rate limits and presence
/// count only what this node sees.
///
/// One connection publishes and asks, another listens. Everything that nodes tell each other goes over one channel, which
/// is named after the house, so that several may share a server.
///
/// A database that goes back in time, as after a fail-over to a standby that lagged, takes events with it that clients
/// have seen. Who finds that (the relay before it numbers, each node when it looks) begins a new generation of the
/// history, with an epoch of its own; all receivers are told of a loss, and go on from where the database is.
public final class RedisBroker: EventTransport, Service {
    /// What a process does with events.
    public enum Role: Sendable {
        /// Hears all that the nodes tell each other, and hands events to a receiver.
        case server
        /// Only tells: it serves no clients, so nothing is heard, and nothing read from the outbox (a worker).
        case publisher
    }

    public let house: String
    public let node = UUID().uuidString.lowercased()
    public let limiter: any RateLimiter

    private let configuration: RedisConfiguration
    private let channel: String
    private let events: OutboxHistory
    private let delivery: EventDelivery
    private let nudges = LocalNudges()
    private let members: RedisPresence
    private let publishing: RedisLink
    /// `nil` for who only tells.
    private let listening: RedisLink?
    private let isListening = NIOLockedValueBox(false)
    private let lost = NIOLockedValueBox(0)
    private let lostCounter = Counter(label: "lumiere_broker_messages_dropped")

    /// Connects later, in `run`: a server starts without Redis, too.
    /// - Parameters:
    ///   - database: migrated; everything that is numbered from now on is delivered.
    ///   - identity: the database's, as `DatabaseDriver` gives it; a new history begins when it is another than before.
    ///   - group: whose threads serve the connections.
    /// - Throws: `DatabaseError`, or `NIOSSLError` when the authorities' file is no good.
    public init(
        database: any Database, identity: String? = nil, configuration: RedisConfiguration, role: Role = .server,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, clock: any WallClock = SystemWallClock(),
        logger: Logger = Logger(label: "lumiere.broker")
    ) async throws {
        let opening = try await OutboxOpening.of(database, identity: identity, clock: clock, logger: logger)
        let house = opening.house
        let prefix = "lumiere:\(house):"
        let connector = try RedisConnector(configuration, group: group)
        let delivery = EventDelivery(database, from: opening.latest, clock: clock, logger: logger)
        let ears = Ears(delivery: delivery, nudges: nudges, node: node, isListening: isListening)
        let (channel, beat) = (prefix + "nodes", configuration.beat)
        publishing = RedisLink("publishing", connector, beat: beat, logger: logger) { connection in
            for script in PresenceScripts.all + [RedisRateLimiter.script] { try await script.load(on: connection) }
        }
        listening = role == .publisher ? nil : RedisLink(
            "listening", connector, beat: beat,
            subscription: {
                SubscriptionHandler(channels: [channel], beat: TimeAmount(beat), delegate: ears.delegate)
            }, logger: logger
        ) { _ in ears.isListening.withLockedValue { $0 = false } }
        members = RedisPresence(
            publishing, prefix: prefix + "presence:", node: node, expiry: configuration.presenceExpiry)
        limiter = RedisRateLimiter(publishing, prefix: prefix + "limit:", clock: clock)
        self.house = house
        self.configuration = configuration
        self.channel = channel
        self.delivery = delivery
        self.events = OutboxHistory(database)
    }

    /// Keeps the connections and looks after everything until the task is cancelled or the service group shuts down.
    /// Once only.
    public func run() async {
        await cancelWhenGracefulShutdown { [self] in
            await withDiscardingTaskGroup { group in
                group.addTask { await self.publishing.run { self.canPublish() } }
                group.addTask { await self.members.run(every: self.configuration.presenceBeat) }
                guard let listening else { return }
                group.addTask { await listening.run() }
                group.addTask { await self.delivery.run { self.pause } }
            }
        }
    }

    /// The others may have missed what we could not tell them.
    private func canPublish() {
        members.reconnected()
        if listening != nil { tell(.more(through: delivery.delivered)) }
    }

    /// Between two looks into the outbox that nothing asked for.
    private var pause: Duration { isComplete ? configuration.poll : configuration.pollWithoutRedis }

    public var presence: any PresenceRegistry { members }

    public var health: BrokerHealth {
        if let trouble = publishing.trouble ?? listening?.trouble { return .degraded(trouble) }
        return listening == nil || isComplete ? .healthy : .degraded("not yet listening")
    }

    /// Messages to other nodes that could not be sent.
    public var messagesDropped: Int { lost.withLockedValue { $0 } }

    /// Whether every message of other nodes reaches us.
    private var isComplete: Bool { listening?.trouble == nil && isListening.withLockedValue { $0 } }

    // MARK: Broker

    public var epoch: String { delivery.delivered.epoch(of: house) }

    public func subscribe(_ receiver: any EventReceiver) { delivery.subscribe(receiver) }

    public func history(of topic: Topic, after offset: Int64, limit: Int) async throws -> TopicHistory {
        try await events.of(topic, after: offset, limit: limit)
    }

    public func latestOffset(of topic: Topic) async throws -> Int64 { try await events.latestOffset(of: topic) }

    // MARK: EventTransport

    /// To our own receiver at once, to the others through Redis. It never fails: what does not get through is in the
    /// outbox, where the others find it.
    public func publish(_ batch: EventBatch) async throws {
        delivery.receive(batch)
        for message in NodeMessage.messages(for: batch, maxBytes: configuration.maxMessageBytes) { tell(message) }
    }

    public func restart(at position: OutboxPosition) {
        delivery.heard(through: position)
        tell(.more(through: position))
    }

    public func send(_ event: EphemeralEvent) {
        delivery.receive(event)
        tell(.ephemeral(event, from: node), isUrgent: false)
    }

    /// Concerns us only while no messages come: otherwise each change would be read by every node.
    public func outboxMayHaveChanged() { if !isComplete { delivery.look() } }

    public func nudge(_ name: String, _ payload: String) {
        nudges.deliver(name, payload)
        tell(.nudge(name: name, payload: payload, from: node))
    }

    public func listen(for name: String, _ body: @escaping @Sendable (String) -> Void) { nudges.listen(for: name, body) }

    /// Does not wait; what cannot be sent is dropped and counted.
    private func tell(_ message: NodeMessage, isUrgent: Bool = true) {
        let command = RedisCommand(["PUBLISH", .text(channel), .bytes(message.bytes)])
        guard let reply = publishing.send(command, isUrgent: isUrgent) else { return countLoss() }
        reply.whenFailure { [self] _ in countLoss() }
    }

    private func countLoss() {
        lost.withLockedValue { $0 += 1 }
        lostCounter.increment()
    }
}

/// What a node does about the messages that it hears.
private struct Ears: Sendable {
    let delivery: EventDelivery
    let nudges: LocalNudges
    let node: String
    let isListening: NIOLockedValueBox<Bool>

    /// Once the subscription is confirmed the outbox has everything that we were not there for.
    var delegate: SubscriptionDelegate {
        SubscriptionDelegate(
            isListening: {
                isListening.withLockedValue { $0 = true }
                delivery.look()
            },
            message: { _, payload in hear(payload) })
    }

    private func hear(_ payload: [UInt8]) {
        switch NodeMessage(payload) {
        case .events(let batch): delivery.receive(batch)
        case .more(let sequence): delivery.heard(through: sequence)
        case .ephemeral(let event, let sender): if sender != node { delivery.receive(event) }
        case .nudge(let name, let text, let sender): if sender != node { nudges.deliver(name, text) }
        // Another version's words: the outbox will tell.
        case nil: delivery.look()
        }
    }
}
