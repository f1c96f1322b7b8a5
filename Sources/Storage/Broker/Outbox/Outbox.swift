import Core
import NIOConcurrencyHelpers

/// Where features leave their events: durable ones in the transaction that caused them, ephemeral ones directly.
public final class Outbox: EventPublisher {
    private struct State {
        var relay: AsyncStream<Void>.Continuation?
        var isRelaying = false
    }

    /// What tells the node that relays of rows written elsewhere: the name of a nudge, and of a channel of the database for
    /// when nudges get lost.
    public static let channel = "outbox"

    let numbering: OutboxNumbering
    private let transport: any EventTransport
    private let clock: any WallClock
    private let state = NIOLockedValueBox(State())

    /// - Parameter numbering: as the database demands: `byRelay` on PostgreSQL. It may be changed at any time.
    public init(
        transport: any EventTransport, numbering: OutboxNumbering = .onAppend, clock: any WallClock = SystemWallClock()
    ) {
        self.transport = transport
        self.numbering = numbering
        self.clock = clock
        transport.listen(for: Self.channel) { [weak self] _ in self?.wake() }
    }

    /// Best called after the changes it tells of: then two transactions that wait for each other are told of in the
    /// order in which they happened.
    public func publish(_ event: DurableEvent, in transaction: any Transaction) throws {
        try OutboxStore.append(event, at: clock.now(), numbering, in: transaction)
        transaction.notify(Self.channel)
        transaction.afterCommit { [self] in committed() }
    }

    public func send(_ event: EphemeralEvent) { transport.send(event) }

    /// Tells the relay, if one runs here, that there may be new rows.
    func wake() { _ = state.withLockedValue { $0.relay?.yield() } }

    /// The relay's side of `wake`: the first element comes at once, and any number of calls becomes one element.
    /// A new stream takes the place of an earlier one.
    func wakes() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLockedValue { $0.relay = continuation }
        continuation.yield()
        return stream
    }

    /// Whether the relay of this node is the one that publishes.
    func relays(_ isRelaying: Bool) { state.withLockedValue { $0.isRelaying = isRelaying } }

    /// Whether this node's relay is the one that publishes.
    var isRelaying: Bool { state.withLockedValue { $0.isRelaying } }

    private func committed() {
        // The nudge wakes our own relay, too, if there is one.
        if isRelaying { wake() } else { transport.nudge(Self.channel, "") }
    }
}
