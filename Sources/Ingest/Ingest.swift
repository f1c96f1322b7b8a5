public import Core
import Foundation
public import Logging
public import ObjectStore
public import ServiceLifecycle
public import WebServer

/// Bytes in: everything the composition root has to know about this module.
///
/// Run `services` for as long as `routes` are served, and list them before the web server, so that they end after it.
public struct Ingest: Sendable {
    let service: IngestService
    let worker: IngestWorker
    private let access: any SessionAccess
    /// Any moment will do.
    public static let start = ContinuousClock.now

    /// - Parameters:
    ///   - dataFolder: holds the folder `uploads`; on the same file system as a disk object store, which then takes
    ///     files over by renaming them.
    ///   - partials: where the bytes of unfinished uploads go instead, for every node to reach; also `objects`, then.
    ///   - nudges: speed up the taking over of an upload from another node.
    ///   - isShared: whether other processes serve the same database, and the same folder unless there are `partials`.
    ///   - uptime: time since any fixed moment, by a clock that nobody sets.
    ///   - bootID: names the running boot of the operating system.
    /// - Throws: when the folder cannot be made.
    public init(
        configuration: IngestConfiguration, dataFolder: String, database: any Database,
        objects: any StreamingObjectStore, events: any EventPublisher, admission: any UploadAdmission,
        completion: any CompletedUploadHandler, access: any SessionAccess, partials: (any PartialUploads & StreamingObjectStore)? = nil,
        nudges: (any Nudges)? = nil, isShared: Bool = false, clock: any WallClock = SystemWallClock(),
        uptime: @escaping @Sendable () -> Duration = { ContinuousClock.now - Self.start }, bootID: String = BootID.current(),
        logger: Logger
    ) throws {
        let store = UploadStore(database: database)
        let ledger = UploadLedger(store: store, clock: clock, expiresAfter: configuration.expiresAfter)
        let fleet = isShared ? UploadFleet(store: store, nudges: nudges, logger: logger) : nil
        let hashPool = BlockingPool(threads: configuration.hashThreads)
        let announce: @Sendable (Upload) -> Void = { fleet?.announce($0.id, generation: $0.generation) }
        let bytes: any UploadBytes
        if let partials {
            bytes = PartBytes(partials: partials, hashPool: hashPool, ledger: ledger, announce: announce)
        } else {
            bytes = try LocalBytes(
                configuration, dataFolder: dataFolder, bootID: bootID, hashPool: hashPool, objects: objects, ledger: ledger,
                sharing: isShared ? FileSharing(patience: configuration.takeoverTimeout, announce: announce) : nil)
        }
        let expiry = ExpiryClock(term: configuration.expiresAfter, wall: clock, uptime: uptime)
        let metrics = IngestMetrics()
        let name = UUID().uuidString
        let watch = isShared ? LeaseWatch(holder: name, uptime: uptime) : nil
        let lease = watch.map { SettlementLease(store: store, clock: clock, holder: name, watch: $0) }
        let joiner = UploadJoiner(
            store: store, bytes: bytes,
            quotas: QuotaKeeper(configuration: configuration, store: store, admission: admission), clock: clock,
            holder: lease?.holder, maxSize: configuration.maxUploadSize,
            partsKeptFor: configuration.usedPartsKeptFor)
        let originals = KnownOriginals(database: database, objects: objects, handler: completion)
        let settler = UploadSettler(
            store: store, bytes: bytes, joiner: joiner, originals: originals, lease: lease, clock: clock, metrics: metrics)
        let queue = SettlementQueue(width: configuration.settlementWidth, logger: logger, settle: settler.settle)
        self.access = access
        self.service = IngestService(
            configuration: configuration, machine: TusMachine(maxSize: configuration.maxUploadSize), store: store,
            bytes: bytes, ledger: ledger, hashPool: hashPool, fleet: fleet,
            registry: TransferRegistry(
                timeout: configuration.takeoverTimeout,
                transfers: TransferCount(
                    limit: configuration.maxTransfers, limitPerUploader: configuration.transfersPerUploader)),
            queue: queue, admission: admission, originals: originals,
            progress: ProgressReporter(events: events, clock: clock, interval: configuration.progressInterval),
            clock: expiry, metrics: metrics)
        let sweeper = UploadSweeper(
            store: store, bytes: bytes, queue: queue, configuration: configuration,
            clock: expiry, watch: watch, metrics: metrics)
        self.worker = IngestWorker(
            sweeper: sweeper, service: service, queue: queue, bytes: bytes, hashPool: hashPool,
            interval: configuration.sweepInterval, logger: logger)
    }

    /// The doors: tus 1.0.0 and the IETF drafts on the same paths, whole files in one request, and forms.
    public var routes: [Route] {
        let drafts = DraftRoutes(service: service)
        return TusRoutes(service: service, access: access, drafts: drafts).routes
            + FileRoutes(service: service, drafts: drafts, access: access).routes
            + FormRoutes(service: service).routes + UsageRoutes(service: service).routes
    }

    /// Recovery, expiry and the handing over of finished uploads.
    public var services: [any Service] { [worker] }

    /// Ends the threads of a process that never runs the services.
    public func shutdown() async { await worker.stop() }
}
