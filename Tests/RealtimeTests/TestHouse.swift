import Core
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import NIOPosix
import Sockets
import TestSupport

@testable import Realtime

/// Everything that wires need of the house, kept in memory and answered as the test says.
final class TestHouse: Sendable {
    let group: any EventLoopGroup
    let broker = MemoryBroker()
    let doors = TestDoors()
    let clock = TestClock()
    let states = TestStates()
    let parties = TestParties()
    let hub: Hub
    let house: WireHouse

    /// - Parameter group: of one event loop.
    init(
        presence: any PresenceRegistry = QuietRegistry(), handlers: [any CommandHandler] = [], types: [EventType] = [], maxConnections: Int = 100,
        hasParties: Bool = true, group: any EventLoopGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    ) {
        self.group = group
        let (hub, broker, clock, doors) = (Hub(eventLoops: group), broker, clock, doors)
        self.hub = hub
        broker.subscribe(hub)
        // A loop without a thread may be used from the test's alone, and presence tells from its own.
        let isEmbedded = group is EmbeddedEventLoop
        let presenceLoop = isEmbedded ? MultiThreadedEventLoopGroup.singleton.next() : group.next()
        let board = PresenceBoard(eventLoop: presenceLoop, registry: presence, clock: clock) { if !isEmbedded { hub.receive($0) } }
        let named = handlers.flatMap { handler in handler.commands.map { ($0, handler) } }
        house = WireHouse(
            hub: hub, presence: board, broker: broker, table: EventTable(RealtimeEvents.all + types),
            handlers: Dictionary(uniqueKeysWithValues: named), authenticator: doors, grants: doors, credentials: doors,
            topics: TopicDoors([doors]), sessions: doors, names: doors,
            states: states, parties: hasParties ? parties : nil, limiter: LocalRateLimiter(clock: clock), clock: clock, logger: Logger(label: "test"),
            connections: ConnectionCount(limit: maxConnections))
    }

    var loop: any EventLoop { group.next() }

    /// A client on a wire that notes what it is told.
    func client(_ principal: Principal = .anonymous, until end: Timestamp? = nil) async throws -> TestClient {
        try await loop.submit { [self] in
            guard let shard = hub.shard(of: loop) else { throw CancellationError() }
            let connection = ClientConnection(house: house, shard: shard, identity: Identity(principal: principal, expiresAt: end), address: "192.0.2.1")
            let wire = NotingWire()
            connection.opened(over: wire)
            return TestClient(
                connection: NIOLoopBound(connection, eventLoop: loop), wire: NIOLoopBound(wire, eventLoop: loop), house: house)
        }.get()
    }

    func shutdown() async throws { try await group.shutdownGracefully() }
}

/// A connection together with the wire that carries it.
struct TestClient: Sendable {
    let connection: NIOLoopBound<ClientConnection>
    let wire: NIOLoopBound<NotingWire>
    let house: WireHouse

    /// Gives a command and waits for its answer.
    @discardableResult
    func ask(_ type: String, _ data: JSONValue = [:]) async throws -> NotingWire.Note {
        let id = JSONValue.string(RandomToken.secret(bytes: 6))
        let command = try Command(type, data, id: id, table: house.table)
        let inbox = try await connection.run { connection in
            connection.received(command, at: house.clock.now())
            return wire.value.inbox
        }
        return try await inbox.wait(for: "the answer to \(type)") { notes, _ in
            notes.first { $0 == .ack(id, $0.data ?? .null) || $0.isRefusal(of: id) }
        }
    }

    /// Everything that the client was told, as of the next turn of the loop.
    var notes: [NotingWire.Note] {
        get async throws { try await wire.eventLoop.submit { wire.value.inbox.elements }.get() }
    }

    /// The offsets of the durable events that it was sent.
    var offsets: [Int64] {
        get async throws { try await notes.compactMap { if case .event(let offset?, _) = $0 { offset } else { nil } } }
    }

    func leave() async throws { try await connection.run { $0.closed(.normalClosure) } }
}
