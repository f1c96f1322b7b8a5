import Core
import Database
import Foundation
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Broker

/// Whether tests take the time that faults really take: with `LUMIERE_SOAK=1`.
let isSoak = ProcessInfo.processInfo.environment["LUMIERE_SOAK"] == "1"

extension PresenceMember: ExpressibleByStringInterpolation {
    /// Somebody who is called by their id; who begins with an underscore is only counted.
    public init(stringLiteral id: String) { self.init(id: id, label: id.hasPrefix("_") ? nil : "The \(id)") }
}

extension PresenceRegistry {
    func count(of topic: Topic) async -> Int { await attendance(of: topic, limit: 0).count }

    /// The ids of those who have a label.
    func members(of topic: Topic, limit: Int) async -> [String] { await attendance(of: topic, limit: limit).members.map(\.id) }
}

let topic = Topic.session(SessionID(at: Timestamp(milliseconds: 1)))
let otherTopic = Topic.desk(SessionID(at: Timestamp(milliseconds: 2)))

func event(_ number: Int, _ topic: Topic = topic) -> DurableEvent {
    DurableEvent(topic: topic, name: "new_photo", data: "{\"number\":\(number)}")
}

func progress(_ number: Int = 1) -> EphemeralEvent {
    let time = Timestamp(milliseconds: 1)
    return EphemeralEvent(topic: topic, name: "upload_progress", key: "a", data: "{\"x\":\(number)}", at: time)
}

/// A migrated database file in a folder of its own, with everything around the outbox.
struct House {
    let database: SQLiteDatabase
    let path: String
    let broker: InProcessBroker
    let outbox: Outbox
    let receiver = Receiver()

    static func with(
        numbering: OutboxNumbering = .byRelay, clock: any WallClock = SystemWallClock(),
        _ body: (House) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder("broker")
        let house = try await House(path: folder.file("test.sqlite"), numbering: numbering, clock: clock)
        try await body(house)
        try await house.database.close()
    }

    /// Opens a file, as a process that starts does.
    init(
        path: String, role: SQLiteConfiguration.Role = .owner, identity: String? = nil,
        numbering: OutboxNumbering = .byRelay, clock: any WallClock = SystemWallClock()
    ) async throws {
        self.path = path
        database = try await SQLiteDatabase.open(path, configuration: SQLiteConfiguration(role: role))
        try await Migrator.migrate(database, BrokerMigrations.all)
        broker = try await InProcessBroker(
            database: database, identity: identity, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        outbox = Outbox(transport: broker, numbering: numbering, clock: clock)
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

    /// Everything in the outbox after a sequence, as a relay that came so far publishes it.
    func batch(after sequence: Int64, generation: Int64 = 0) async throws -> EventBatch {
        let batch = try await database.read { transaction in
            let position = OutboxPosition(generation: generation, sequence: sequence)
            let last = try OutboxStore.entries(after: sequence - 1, limit: 1, in: transaction).first
            let mark = OutboxMark(position: position, event: last?.sequence == sequence ? last?.published : nil)
            let entries = try OutboxStore.entries(after: sequence, limit: 10_000, in: transaction)
            return EventBatch(after: mark, entries)
        }
        return try #require(batch)
    }

    func sequences() async throws -> [Int64?] {
        try await database.read {
            try $0.query("SELECT sequence FROM outbox ORDER BY id").map { try $0.optional("sequence") }
        }
    }
}

extension Database {
    /// Waits until every committed event has its sequence.
    func numbered() async throws {
        _ = try await eventually("the numbering", every: .milliseconds(2)) {
            try await self.read { try $0.exists("SELECT 1 AS one FROM outbox WHERE sequence IS NULL") } ? nil : true
        }
    }
}

/// Notes what it receives; a test waits until there is enough.
final class Receiver: EventReceiver {
    enum Item: Sendable, Equatable {
        case durable(PublishedEvent)
        case ephemeral(EphemeralEvent)
        case loss
    }

    let inbox = Inbox<Item>()

    var durable: [PublishedEvent] { inbox.elements.compactMap { if case .durable(let event) = $0 { event } else { nil } } }
    var ephemeral: [EphemeralEvent] { inbox.elements.compactMap { if case .ephemeral(let event) = $0 { event } else { nil } } }
    var data: [String] { durable.map(\.event.data) }
    var losses: Int { inbox.elements.count { $0 == .loss } }

    func receive(_ event: PublishedEvent) { inbox.push(.durable(event)) }
    func receive(_ event: EphemeralEvent) { inbox.push(.ephemeral(event)) }
    func receiveLoss() { inbox.push(.loss) }

    /// Waits until that many durable events are there, at most thirty seconds.
    func received(_ count: Int) async throws {
        try await inbox.wait(for: "\(count) durable events") { elements, _ in
            elements.count { if case .durable = $0 { true } else { false } } >= count ? () : nil
        }
    }
}

extension Receiver {
    /// Waits until it was told of that many losses.
    func lost(_ count: Int = 1) async throws {
        try await inbox.wait(for: "\(count) losses") { elements, _ in
            elements.count { $0 == .loss } >= count ? () : nil
        }
    }

    /// What came after the last loss.
    var durableAfterLoss: [PublishedEvent] {
        inbox.elements.split(separator: .loss, omittingEmptySubsequences: false).last?.compactMap {
            if case .durable(let event) = $0 { event } else { nil }
        } ?? []
    }
}

extension Database {
    /// Becomes what a standby was that had not heard of anything after a sequence, and is the only database now.
    func goBack(to sequence: Int64) async throws {
        try await write { transaction in
            try transaction.execute("DELETE FROM outbox WHERE sequence IS NULL OR sequence > \(sequence)")
            try transaction.execute("""
                UPDATE outbox_state SET published_through = \(sequence) WHERE published_through > \(sequence)
                """)
        }
    }
}

extension String {
    /// Whether it is the epoch of a later history of a house than its first.
    func isLater(of house: String) -> Bool {
        hasPrefix(house + ".") && Int64(dropFirst(house.count + 1)).map { $0 > 0 } ?? false
    }
}

extension OutboxPosition {
    /// Before the first event.
    static let start = OutboxPosition(generation: 0, sequence: 0)
}

/// A clock that a test moves.
final class TestClock: WallClock {
    private let time: Mutex<Timestamp>
    init(after elapsed: Duration = .zero) { time = Mutex(Timestamp(milliseconds: 1_000_000_000_000) + elapsed) }
    func now() -> Timestamp { time.withLock { $0 } }
    func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
}
