import Broker
import Core
import Database
import Foundation
import Synchronization

let topic = Topic.session(SessionID(at: Timestamp(milliseconds: 1)))
let otherTopic = Topic.desk(SessionID(at: Timestamp(milliseconds: 2)))

func event(_ number: Int, _ topic: Topic = topic) -> DurableEvent {
    DurableEvent(topic: topic, name: "new_photo", data: "{\"number\":\(number)}")
}

/// A migrated database file in a folder of its own, with everything around the outbox.
struct House {
    let database: SQLiteDatabase
    let path: String
    let broker: InProcessBroker
    let outbox: Outbox
    let receiver = Receiver()

    static func with(clock: any WallClock = SystemWallClock(), _ body: (House) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("broker-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let house = try await House(path: folder.appendingPathComponent("test.sqlite").path, clock: clock)
        try await body(house)
        try await house.database.close()
    }

    /// Opens a file, as a process that starts does.
    init(path: String, role: SQLiteConfiguration.Role = .owner, clock: any WallClock = SystemWallClock()) async throws {
        self.path = path
        database = try await SQLiteDatabase.open(path, configuration: SQLiteConfiguration(role: role))
        try await Migrator.migrate(database, BrokerMigrations.all)
        broker = try await InProcessBroker(database: database)
        outbox = Outbox(transport: broker, clock: clock)
        broker.subscribe(receiver)
    }

    func publish(_ events: DurableEvent...) async throws {
        try await database.write { [outbox] transaction in
            for event in events { try outbox.publish(event, in: transaction) }
        }
    }

    /// Runs a relay as long as the body runs, and then stops it as a shutdown does.
    func relaying(
        _ configuration: OutboxRelay.Configuration = .init(), clock: any WallClock = SystemWallClock(),
        _ body: () async throws -> Void
    ) async throws {
        let relay = OutboxRelay(
            database: database, outbox: outbox, transport: broker,
            changes: database.changesByOthers(every: .milliseconds(20)), configuration: configuration, clock: clock)
        let running = Task { try await relay.run() }
        do { try await body() } catch {
            running.cancel()
            try await running.value
            throw error
        }
        running.cancel()
        try await running.value
    }

    func ids() async throws -> [Int64] {
        try await database.read { try $0.query("SELECT id FROM outbox ORDER BY id").map { try $0.get("id") } }
    }
}

/// Notes what it receives; a test waits until there is enough.
final class Receiver: EventReceiver {
    private struct State {
        var durable: [PublishedEvent] = []
        var ephemeral: [EphemeralEvent] = []
        var waiting: (count: Int, continuation: CheckedContinuation<Void, Never>)?
    }

    private let state = Mutex(State())

    var durable: [PublishedEvent] { state.withLock { $0.durable } }
    var ephemeral: [EphemeralEvent] { state.withLock { $0.ephemeral } }
    var data: [String] { durable.map(\.event.data) }

    func receive(_ event: PublishedEvent) {
        let done: CheckedContinuation<Void, Never>? = state.withLock { state in
            state.durable.append(event)
            guard let waiting = state.waiting, state.durable.count >= waiting.count else { return nil }
            state.waiting = nil
            return waiting.continuation
        }
        done?.resume()
    }

    func receive(_ event: EphemeralEvent) { state.withLock { $0.ephemeral.append(event) } }

    /// Waits until that many durable events are there, at most ten seconds.
    func received(_ count: Int) async {
        let timeout = Task {
            try await Task.sleep(for: .seconds(10))
            release()
        }
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.durable.count < count { state.waiting = (count, continuation) }
                return state.durable.count >= count
            }
            if isThere { continuation.resume() }
        }
        timeout.cancel()
    }

    private func release() {
        let waiting = state.withLock { state in
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.continuation.resume()
    }
}

/// A clock that a test moves.
final class TestClock: WallClock {
    private let time = Mutex(Timestamp(milliseconds: 1_000_000_000_000))
    func now() -> Timestamp { time.withLock { $0 } }
    func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
}
