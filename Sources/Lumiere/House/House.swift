import Accounts
import Broker
import Core
import CoreMetrics
import Database
import Hummingbird
import Ingest
import Logging
import NIOCore
import NIOPosix
import Processing
import Realtime
import ServiceLifecycle
import Sessions
import Sockets
import UnixSignals
import WebServer

/// The composition root: makes every part once, joins them, and runs them.
struct House: Sendable {
    let settings: Settings
    let logger: Logger
    let features: HouseFeatures
    private let storage: HouseStorage
    private let clock = SystemWallClock()
    private let metrics = PrometheusMetrics()
    private let readiness = Readiness()
    private let eventLoops = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
    private let events = EventTable(RealtimeEvents.all + IngestEvents.all + SessionEvents.all)
    private let webFiles: [Route]

    /// How long requests under way may go on after the process was asked to end.
    private static let drain = Duration.seconds(8)

    /// - Throws: `SettingsError` when another server runs on the same data; whatever keeps storage from opening.
    init(_ settings: Settings) async throws {
        try settings.requireDecoder()
        FileLimit.raise()
        MetricsSystem.bootstrap(metrics)
        self.settings = settings
        self.logger = settings.logger()
        self.storage = try await HouseStorage(settings, logger: logger)
        self.features = try HouseFeatures(settings, storage, clock: clock, logger: logger)
        self.webFiles = try settings.webRoot.map { try WebFiles(root: $0).routes } ?? []
        try await features.accounts.revocations.refresh()
    }

    /// Runs until SIGTERM or SIGINT, then drains: the web server first, what it feeds afterwards.
    /// - Parameter whenRunning: is told the URL once connections are accepted.
    func run(whenRunning: @escaping @Sendable (_ url: String) async -> Void) async throws {
        let server = WebServer.makeApplication(
            settings.server, routes: routes, upgrader: wire(), eventLoopGroup: eventLoops, logger: logger
        ) { port in
            readiness.isReady = true
            // Not awaited: the demo goes on for as long as it has photos.
            Task { await whenRunning(settings.server.url(port: port)) }
        }
        let services = background + features.ingest.services + [server, Draining(readiness)]
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = Self.drain
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch is CancellationError {
            logger.info("some requests took too long to end and were cut off")
        }
        try await storage.database.close()
    }

    private var routes: RouteTable {
        let database = storage.database
        let health = HealthCheck("db") { _ = try await database.read { tx in try tx.query("SELECT 1 AS one") } }
        let declared =
            features.routes + RealtimeRoutes(events).routes
            + HealthRoutes([health], readiness: readiness, version: Lumiere.version).routes
            + MetricsRoutes(metrics, isPublic: settings.metricsArePublic).routes + webFiles
        let documents = DocumentRoutes(declared, title: "Lumiere", version: Lumiere.version).routes
        return RouteTable(declared + documents, authenticator: features.accounts.authenticator)
    }

    private func wire() -> WebSocketWire {
        let hub = Hub(eventLoops: eventLoops, clock: clock)
        storage.broker.subscribe(hub)
        var configuration = WebSocketWire.Configuration()
        configuration.origins = WebSocketOriginPolicy(allowed: settings.origins)
        return WebSocketWire(
            hub: hub, broker: storage.broker, table: events, authenticator: features.accounts.authenticator,
            grants: features.accounts.grantChecker, credentials: features.accounts.authenticator,
            sessions: features.door, clock: clock, logger: logger, configuration: configuration)
    }

    /// What goes on without being asked.
    private var background: [any Service] {
        let revocations = features.accounts.revocations
        let purger = SessionPurger(
            database: storage.database, objects: storage.objects, renditions: features.renditions, clock: clock,
            logger: logger)
        let watch = LoopWatch(eventLoops: eventLoops)
        let relay = OutboxRelay(
            database: storage.database, outbox: storage.outbox, transport: storage.broker,
            changes: storage.database.changesByOthers(in: "outbox"), clock: clock, logger: logger)
        let runner = JobRunner(
            configuration: settings.processing(storage.objects), database: storage.database, objects: storage.objects,
            jobs: features.jobs, renditions: features.renditions, listener: features.intake, exclusive: true,
            logger: logger)
        return [
            Background { await revocations.run() }, Background { await purger.run() }, Background { await watch.run() },
            relay, runner,
        ]
    }
}

extension WebServerConfiguration {
    /// Where clients on this machine, or behind the configured public URL, find the server.
    fileprivate func url(port: Int) -> String {
        if let publicURL { return publicURL }
        let name = host == "0.0.0.0" || host == "::" ? "localhost" : host
        return "http://\(name.contains(":") ? "[\(name)]" : name):\(port)"
    }
}
