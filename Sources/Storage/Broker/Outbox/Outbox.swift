import Core
import NIOConcurrencyHelpers

/// Where features leave their events: durable ones in the transaction that caused them, ephemeral ones directly.
public final class Outbox: EventPublisher {
    private let transport: any EventTransport
    private let clock: any WallClock
    private let relay = NIOLockedValueBox<AsyncStream<Void>.Continuation?>(nil)

    public init(transport: any EventTransport, clock: any WallClock = SystemWallClock()) {
        self.transport = transport
        self.clock = clock
    }

    public func publish(_ event: DurableEvent, in transaction: any Transaction) throws {
        try OutboxStore.append(event, at: clock.now(), in: transaction)
        transaction.afterCommit { [self] in wake() }
    }

    public func send(_ event: EphemeralEvent) { transport.send(event) }

    /// Tells the relay, if one runs here, that there may be new rows.
    func wake() { _ = relay.withLockedValue { $0?.yield() } }

    /// The relay's side of `wake`: the first element comes at once, and any number of calls becomes one element.
    /// A new stream takes the place of an earlier one.
    func wakes() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        relay.withLockedValue { $0 = continuation }
        continuation.yield()
        return stream
    }
}
