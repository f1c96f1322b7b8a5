import Broker
import Core
import Database
import Logging
import Synchronization
import TestSupport

/// A database whose connection can be cut, as when a process dies.
final class Cable: Database {
    struct Cut: Error {}

    let database: SQLiteDatabase
    private let isCut = Mutex(false)
    private let readCount = Mutex(0)

    /// How often somebody has read.
    var reads: Int { readCount.withLock { $0 } }

    init(_ database: SQLiteDatabase) { self.database = database }

    func cut() { isCut.withLock { $0 = true } }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
        try check()
        readCount.withLock { $0 += 1 }
        return try await database.read(body)
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
        try check()
        return try await database.write(body)
    }

    private func check() throws { if isCut.withLock({ $0 }) { throw Cut() } }
}

/// One server of a fleet: its own connection to the shared database file, broker, outbox and relay.
final class Node: Sendable {
    let cable: Cable
    let broker: RedisBroker
    let outbox: Outbox
    let receiver = Receiver()
    private let tasks: [Task<Void, any Error>]

    init(
        path: String, role: SQLiteConfiguration.Role, redis: RedisConfiguration, numbering: OutboxNumbering,
        looks: Bool
    ) async throws {
        let database = try await SQLiteDatabase.open(path, configuration: SQLiteConfiguration(role: role))
        try await Migrator.migrate(database, BrokerMigrations.all)
        let cable = Cable(database)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let broker = try await RedisBroker(database: cable, configuration: redis, logger: logger)
        let outbox = Outbox(transport: broker, numbering: numbering)
        broker.subscribe(receiver)
        var relaying = OutboxRelay.Configuration()
        relaying.lease = LeaseTiming()
        if !looks { relaying.poll = .seconds(3600) }
        let changes = looks ? database.changesByOthers(every: .milliseconds(50)) : AsyncStream { nil }
        let relay = OutboxRelay(
            database: cable, outbox: outbox, transport: broker, changes: changes, configuration: relaying,
            logger: logger)
        (self.cable, self.broker, self.outbox) = (cable, broker, outbox)
        tasks = [Task { await broker.run() }, Task { try await relay.run() }]
    }

    func publish(_ numbers: Int...) async throws {
        try await cable.write { [outbox] transaction in
            for number in numbers { try outbox.publish(event(number), in: transaction) }
        }
    }

    /// Ends as after SIGTERM.
    func stop() async throws {
        for task in tasks { task.cancel() }
        for task in tasks { try await task.value }
    }

    /// Ends as after SIGKILL: nothing is recorded or given back any more.
    func die() async throws {
        cable.cut()
        try await stop()
    }

    func close() async throws {
        try await stop()
        try await cable.database.close()
    }
}

/// Two nodes on one database and one Redis.
struct Fleet {
    let a: Node
    let b: Node

    /// - Parameter looks: whether the relays look into the database unless they are told to.
    static func with(
        _ redis: RedisConfiguration, numbering: OutboxNumbering = .byRelay, looks: Bool = true,
        _ body: (Fleet) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder("fleet")
        let path = folder.file("test.sqlite")
        let a = try await Node(path: path, role: .owner, redis: redis, numbering: numbering, looks: looks)
        let b = try await Node(path: path, role: .guest, redis: redis, numbering: numbering, looks: looks)
        let fleet = Fleet(a: a, b: b)
        do { try await body(fleet) } catch {
            try await fleet.close()
            throw error
        }
        try await fleet.close()
    }

    var nodes: [Node] { [a, b] }

    /// Waits until both nodes are connected.
    func healthy() async throws {
        _ = try await eventually("the fleet's connections") { nodes.allSatisfy { $0.broker.health == .healthy } ? true : nil }
    }

    func degraded() async throws {
        _ = try await eventually("the fleet without Redis") { nodes.allSatisfy { $0.broker.health != .healthy } ? true : nil }
    }

    private func close() async throws {
        for node in nodes { try await node.close() }
    }
}

extension RedisConfiguration {
    /// For a test's own server.
    static func local(_ redis: LocalRedis) throws -> RedisConfiguration {
        var configuration = RedisConfiguration(url: try RedisURL(redis.url))
        configuration.authorities = redis.certificates?.authority
        return configuration
    }
}
