import Core

/// A broker as its own side sees it: what the outbox and its relay hand events to.
public protocol EventTransport: Broker {
    /// Hands durable events to the receivers of all nodes, in order. After an error the same events come again.
    func publish(_ events: [PublishedEvent]) async throws

    /// Hands an ephemeral event to whoever is there. Never waits.
    func send(_ event: EphemeralEvent)
}
