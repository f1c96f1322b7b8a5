import Accounts
import Broker
import Community
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
import Processing
import Realtime
import ServiceLifecycle
import Sessions
import Sockets
import UnixSignals
import WatchParty
import WebServer
import Webhooks

/// The composition root: makes every part once, joins them, and runs them.
struct House: Sendable {
    let settings: Settings
    let logger: Logger
    let features: HouseFeatures
    private let storage: HouseStorage
    private let clock = SystemWallClock()
    private let metrics = PrometheusMetrics()
    private let readiness = Readiness()
    private let eventLoops = MultiThreadedEventLoopGroup(numberOfThreads: House.processors)
    private let events = EventTable(RealtimeEvents.all + IngestEvents.all + SessionEvents.all + CommunityEvents.all + PartyEvents.all)
    private let webFiles: [Route]
    private let certificate: ServerCertificate?

    /// Those that this process may use: a container or `taskset` may leave it fewer than there are.
    private static let processors = max(1, min(System.coreCount, ProcessInfo.processInfo.activeProcessorCount))

    /// How long requests under way may go on after the process was asked to end.
    private static let drain = Duration.seconds(8)

    /// - Parameter role: whether it serves clients, or only tells the servers what it has done.
    /// - Throws: `SettingsError` when another server runs on the same data; whatever keeps storage from opening.
    init(_ settings: Settings, role: RedisBroker.Role = .server) async throws {
        try settings.requireDecoder()
        FileLimit.raise()
        MetricsSystem.bootstrap(metrics)
        do { certificate = try settings.tls.map { files throws(TLSFiles.Failure) in try ServerCertificate(files) } } catch {
            throw SettingsError(faults: [error.description])
        }
        self.settings = settings
        self.logger = settings.logger()
        let storage = try await HouseStorage(settings, role: role, eventLoops: eventLoops, logger: logger)
        self.storage = storage
        do {
            self.features = try HouseFeatures(settings, storage, clock: clock, logger: logger)
            if let folder = settings.storage.sharedFolder {
                let isNew = try await !features.accounts.accounts.hasUsers()
                try SharedFolder(path: folder).require(storage.broker.house, isNew: isNew)
            }
            self.webFiles = try settings.webRoot.map { try WebFiles(root: $0).routes } ?? []
            try await features.accounts.revocations.refresh()
        } catch {
            try? await storage.close()
            throw error
        }
    }

    /// Closes what was opened, for a house that will not run.
    func close() async throws {
        await features.ingest.shutdown()
        try await storage.close()
    }

    /// Serves until SIGTERM or SIGINT, then drains: the web server first, what it feeds afterwards.
    /// - Parameter whenRunning: is told the URL once connections are accepted.
    func run(whenRunning: @escaping @Sendable (_ url: String) async -> Void) async throws {
        var configuration = settings.server
        configuration.certificate = certificate
        configuration.fileThreads = features.fileThreads
        let wires = wires()
        let server = WebServer.makeApplication(
            configuration, routes: routes(wires), upgrader: wires, direct: features.media.direct, eventLoopGroup: eventLoops, logger: logger
        ) { port in
            readiness.isReady = true
            // Not awaited: the demo goes on for as long as it has photos.
            Task { await whenRunning(settings.server.url(port: port, isSecure: certificate != nil)) }
        }
        let relay = storage.relay(settings, clock: clock, logger: logger)
        let webhooks = features.webhooks.sender(changes: storage.database.changesByOthers(in: WebhooksFeature.channel))
        try await run(
            storage.services + background + [relay, webhooks] + processing + features.ingest.services + renewal
                + [Background { await wires.run() }, server, Draining(readiness, wires)])
    }

    /// Only works through the job queue, until SIGTERM or SIGINT.
    /// - Parameter whenRunning: is called as the work begins.
    func work(whenRunning: @escaping @Sendable () -> Void) async throws {
        let begun = Background {
            whenRunning()
            await Background.untilCancelled()
        }
        try await run(storage.services + processing + [begun])
        await features.ingest.shutdown()
    }

    private func run(_ services: [any Service]) async throws {
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = Self.drain
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch is CancellationError {
            logger.info("some work took too long to end and was cut off")
        }
        try await storage.close()
    }

    private func routes(_ wires: RealtimeWires) -> RouteTable {
        let declared =
            features.routes + wires.routes
            + HealthRoutes(storage.health, readiness: readiness, version: Lumiere.version).routes
            + MetricsRoutes(metrics, isPublic: settings.metricsArePublic).routes + webFiles
        let documents = DocumentRoutes(declared, title: "Lumiere", version: Lumiere.version).routes
        return RouteTable(declared + documents, authenticator: features.accounts.authenticator)
    }

    private func wires() -> RealtimeWires {
        let hub = Hub(eventLoops: eventLoops)
        let broker = storage.broker
        broker.subscribe(hub)
        var configuration = RealtimeWires.Configuration()
        configuration.origins = WebSocketOriginPolicy(allowed: settings.origins)
        configuration.node = broker.node
        configuration.sessionsPerAddress = settings.server.limits.connectionsPerAddress
        configuration.socket.compression = settings.compressesMessages ? .init() : nil
        return RealtimeWires(
            hub: hub, broker: broker, presence: broker.presence, send: { broker.send($0) }, nudges: broker, eventLoops: eventLoops,
            table: events, handlers: [features.community.commands, features.parties.commands], authenticator: features.accounts.authenticator,
            grants: features.accounts.grantChecker,
            credentials: features.accounts.authenticator, topics: [features.door, features.accounts.topics, features.parties.door], sessions: features.door,
            names: features.accounts.accounts, access: features.door,
            states: SessionState(sessions: features.sessions, photos: features.photos), parties: features.parties.door, limiter: broker.limiter, clock: clock,
            logger: logger, configuration: configuration)
    }

    /// What goes on without being asked.
    private var background: [any Service] {
        let revocations = features.accounts.revocations
        let purger = SessionPurger(
            database: storage.database, objects: storage.objects, renditions: features.renditions, clock: clock,
            logger: logger, belongings: [features.community.belongings, features.parties.belongings])
        let keeper = SessionKeeper(
            features.sessions, managers: features.accounts.grants, logger: logger, auditRetention: settings.auditRetention)
        let watch = LoopWatch(eventLoops: eventLoops)
        let (renderings, wishes, links) = (features.renderings, features.wishes, features.links)
        let (tallies, desk, parties) = (features.tallies, features.desk, features.parties.keeper)
        return [
            Background { await revocations.run() }, Background { await purger.run() }, Background { await watch.run() },
            Background { await renderings.run() }, Background { await wishes.run() }, Background { await links.run() },
            Background { await tallies.run() }, Background { await keeper.run() }, Background { await desk.run() },
            Background { await parties.run() },
        ]
    }

    private var renewal: [any Service] { certificate.map { [CertificateReload($0, logger: logger)] } ?? [] }

    private var processing: [any Service] {
        let activity = features.activity
        return [
            // Who works through the jobs knows how long they take; who serves, who comes.
            Background { await activity.run() },
            JobRunner(
                configuration: settings.processing, database: storage.database,
                objects: storage.objects, jobs: features.jobs, renditions: features.renditions, listener: features.intake,
                pictures: WatermarkPictureStore(), changes: storage.database.changesByOthers(in: JobStore.channel),
                exclusive: !settings.storage.isFleet, logger: logger)
        ]
    }
}

extension WebServerConfiguration {
    /// Where clients on this machine, or behind the configured public URL, find the server.
    fileprivate func url(port: Int, isSecure: Bool) -> String {
        if let publicURL { return publicURL }
        let name = host == "0.0.0.0" || host == "::" ? "localhost" : host
        return "\(isSecure ? "https" : "http")://\(name.contains(":") ? "[\(name)]" : name):\(port)"
    }
}
