import Broker
import Core
import Database
import Logging
import NIOCore
import ObjectStore
import ServiceLifecycle
import WebServer

/// Where everything is kept: the embedded drivers or a fleet's, behind Core's storage ports.
struct HouseStorage: Sendable {
    let lock: DataLock
    let database: any DatabaseDriver
    let objects: any StreamingObjectStore
    /// The same for those who fetch media, with connections of their own: they hold them for as long as they like.
    let media: any StreamingObjectStore
    /// Where uploads under way are kept when every node has to reach them; `nil` for files.
    let partials: S3ObjectStore?
    let broker: any EventTransport
    let outbox: Outbox
    /// What has to run for the drivers to work.
    let services: [any Service]
    let health: [HealthCheck]
    private let s3: [S3ObjectStore]

    /// Opens the data folder for this process alone and brings the schema up to date.
    /// - Parameters:
    ///   - role: what is done with events that come over Redis.
    ///   - eventLoops: serve the connections to Redis.
    /// - Throws: `SettingsError` when another server runs on the folder; whatever keeps a driver from opening.
    init(
        _ settings: Settings, role: RedisBroker.Role, eventLoops: any EventLoopGroup, logger: Logger
    ) async throws {
        lock = try DataLock(folder: settings.dataFolder)
        let database = try await House.openDatabase(settings, logger: logger)
        self.database = database
        var health = [HealthCheck("db") { _ = try await database.read { try $0.query("SELECT 1 AS one") } }]
        if let configuration = settings.storage.s3 {
            var patient = configuration
            patient.connections = min(settings.server.maximumConnections, 10_000)
            let (s3, media) = (try S3ObjectStore(configuration), try S3ObjectStore(patient))
            (objects, partials, self.media, self.s3) = (s3, s3, media, [s3, media])
            health.append(HealthCheck("s3") { try await s3.check() })
        } else {
            let disk = try DiskObjectStore(root: settings.objectsFolder)
            (objects, partials, media, s3) = (disk, nil, disk, [])
        }
        let identity = try await database.identity()
        if let configuration = settings.storage.redis {
            let redis = try await RedisBroker(
                database: database, identity: identity, configuration: configuration, role: role, group: eventLoops,
                logger: logger)
            (broker, services) = (redis, [redis])
            health.append(HealthCheck("redis", isEssential: false) { try redis.requireHealth() })
        } else {
            broker = try await InProcessBroker(database: database, identity: identity, logger: logger)
            services = []
        }
        outbox = Outbox(transport: broker, numbering: settings.storage.isFleet ? .byRelay : .onAppend)
        self.health = health
    }

    /// Publishes the outbox; of several nodes, which need Redis to hear of it, one at a time.
    func relay(_ settings: Settings, clock: any WallClock, logger: Logger) -> OutboxRelay {
        var configuration = OutboxRelay.Configuration()
        if settings.storage.redis != nil { configuration.lease = LeaseTiming() }
        return OutboxRelay(
            database: database, outbox: outbox, transport: broker, changes: database.changesByOthers(in: Outbox.channel),
            configuration: configuration, clock: clock, logger: logger)
    }

    /// Lets everything that was accepted end, and closes all connections.
    func close() async throws {
        try await database.close()
        for store in s3 { try await store.shutdown() }
    }
}

extension RedisBroker {
    /// Fails while nodes cannot hear each other.
    fileprivate func requireHealth() throws {
        if case .degraded(let reason) = health { throw Degraded(description: reason) }
    }

    private struct Degraded: Error, CustomStringConvertible { let description: String }
}
