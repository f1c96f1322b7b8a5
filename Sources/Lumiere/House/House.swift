import Accounts
import Broker
import Core
import CoreMetrics
import Database
import Delivery
import Foundation
import Hummingbird
import Ingest
import Logging
import NIOCore
import NIOPosix
import ObjectStore
import Processing
import Realtime
import ServiceLifecycle
import Sessions
import Sockets
import UnixSignals
import WebServer

/// The composition root: makes every part once and joins the ports.
struct House: Sendable {
    let settings: Settings
    let logger: Logger
    let accounts: AccountsFeature
    let sessions: SessionService
    private let routes: RouteTable
    private let wire: WebSocketWire
    private let readiness = Readiness()
    private let eventLoops: MultiThreadedEventLoopGroup
    private let services: [any Service]
    private let lock: DataLock

    init(_ settings: Settings) async throws {
        let logger = settings.logger()
        let clock = SystemWallClock()
        let metrics = PrometheusMetrics()
        MetricsSystem.bootstrap(metrics)
        let eventLoops = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)

        // Storage.
        let lock = try DataLock(folder: settings.dataFolder)
        let database = try await Self.openDatabase(settings)
        let objects = try DiskObjectStore(root: settings.objectsFolder)
        let broker = try await InProcessBroker(database: database)
        let outbox = Outbox(transport: broker)

        // Features.
        let keys = try SigningKeys.load(fromFolder: settings.dataFolder)
        let accounts = AccountsFeature(
            database: database, signingKeys: keys, settings: settings.accounts, clock: clock, logger: logger)
        let jobs = JobStore(clock: clock)
        let renditions = RenditionStore(clock: clock)
        let intake = PhotoIntake(jobs: jobs, renditions: renditions, events: outbox, clock: clock)
        let sessions = SessionService(
            database: database, grants: accounts.grants, signer: accounts.grantChecker, attempts: accounts.attempts,
            jobs: jobs, clock: clock)
        let door = SessionDoor(sessions)
        let photos = PhotoService(
            database: database, grants: accounts.grants, signer: accounts.grantChecker, renditions: renditions, jobs: jobs,
            clock: clock)
        let ingest = try Ingest(
            configuration: settings.ingest, dataFolder: settings.dataFolder, database: database, objects: objects,
            events: outbox, admission: door, completion: intake, access: door, clock: clock, logger: logger)
        let fileThreads = NIOThreadPool(numberOfThreads: 8)
        fileThreads.start()
        let media = MediaResponder(
            catalog: SessionMedia(database: database, renditions: renditions), objects: objects,
            grants: accounts.grantChecker, sessions: door, threads: fileThreads, clock: clock)

        // Realtime.
        let table = EventTable(RealtimeEvents.all + IngestEvents.all + SessionEvents.all)
        let hub = Hub(eventLoops: eventLoops, clock: clock)
        broker.subscribe(hub)
        var wireConfiguration = WebSocketWire.Configuration()
        wireConfiguration.origins = WebSocketOriginPolicy(allowed: settings.origins)

        self.lock = lock
        self.settings = settings
        self.logger = logger
        self.accounts = accounts
        self.sessions = sessions
        self.eventLoops = eventLoops
        self.wire = WebSocketWire(
            hub: hub, broker: broker, table: table, authenticator: accounts.authenticator,
            grants: accounts.grantChecker, sessions: door, clock: clock, logger: logger,
            configuration: wireConfiguration)

        let health = HealthCheck("db") { _ = try await database.read { tx in try tx.query("SELECT 1 AS one") } }
        let declared =
            accounts.routes + SessionRoutes(sessions).routes + PhotoRoutes(photos, sessions: sessions).routes
            + ingest.routes + MediaRoutes(media).routes + RealtimeRoutes(table).routes
            + HealthRoutes([health], readiness: readiness, version: Lumiere.version).routes
            + MetricsRoutes(metrics, isPublic: settings.metricsArePublic).routes
            + (try settings.webRoot.map { try WebFiles(root: $0).routes } ?? [])
        self.routes = RouteTable(
            declared + DocumentRoutes(declared, version: Lumiere.version).routes, authenticator: accounts.authenticator)

        let runner = JobRunner(
            configuration: settings.processing(objects), database: database, objects: objects, jobs: jobs,
            renditions: renditions, listener: intake, exclusive: true, logger: logger)
        let relay = OutboxRelay(
            database: database, outbox: outbox, transport: broker,
            changes: database.changesByOthers(every: .milliseconds(250)), clock: clock, logger: logger)
        let purger = SessionPurger(
            database: database, objects: objects, renditions: renditions, clock: clock, logger: logger)
        let watch = LoopWatch(eventLoops: eventLoops)
        let revocations = accounts.revocations
        try await revocations.refresh()
        self.services =
            [Background { await revocations.run() }, Background { await purger.run() }, Background { await watch.run() }]
            + [relay, runner] + ingest.services
    }

    /// Runs until SIGTERM or SIGINT, then drains: the web server first, what it feeds afterwards.
    /// - Parameter whenRunning: is told the URL once connections are accepted.
    func run(whenRunning: @escaping @Sendable (_ url: String) async -> Void) async throws {
        let host = settings.server.host
        let publicURL = settings.server.publicURL
        let server = WebServer.makeApplication(
            settings.server, routes: routes, upgrader: wire, eventLoopGroup: eventLoops, logger: logger
        ) { port in
            readiness.isReady = true
            let name = host == "0.0.0.0" ? "localhost" : host
            let url = publicURL ?? "http://\(name.contains(":") ? "[\(name)]" : name):\(port)"
            // Not awaited: the demo goes on for as long as it has photos.
            Task { await whenRunning(url) }
        }
        let group = ServiceGroup(
            configuration: .init(
                services: (services + [server, Draining(readiness)]).map { .init(service: $0) },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }
}
