import Core

/// A broker as its own side sees it: what the outbox and its relay hand events to, and what else the nodes share.
public protocol EventTransport: Broker, Nudges {
    /// Names the house: the same for as long as its database, whatever becomes of the history, which `epoch` names.
    var house: String { get }

    /// Names this process among the nodes, for as long as it runs.
    var node: String { get }

    /// Hands durable events to the receivers of all nodes, in order. After an error the same events come again.
    func publish(_ batch: EventBatch) async throws

    /// The database went back in time, and a new history goes on from there: receivers are told of the loss. It may be
    /// known already.
    func restart(at position: OutboxPosition)

    /// Hands an ephemeral event to whoever is there. Never waits.
    func send(_ event: EphemeralEvent)

    /// Says that another process may have changed the outbox, for transports that fall back on reading it.
    func outboxMayHaveChanged()

    /// Who is where, over all nodes.
    var presence: any PresenceRegistry { get }

    /// Attempts, counted over all nodes.
    var limiter: any RateLimiter { get }

    /// Whether it does all it should.
    var health: BrokerHealth { get }
}

/// How a broker feels.
public enum BrokerHealth: Sendable, Equatable {
    case healthy
    /// Durable events still reach everybody, only later; the rest is confined to each node. The text says why, without secrets.
    case degraded(String)
}
