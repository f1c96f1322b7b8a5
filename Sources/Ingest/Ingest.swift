public import Core
import Foundation
public import Logging
public import ServiceLifecycle
public import WebServer

/// Bytes in: everything the composition root has to know about this module.
///
/// Run `services` for as long as `routes` are served, and list them before the web server, so that they end after it.
public struct Ingest: Sendable {
    let service: IngestService
    let worker: IngestWorker
    private let access: any SessionAccess

    /// - Parameters:
    ///   - dataFolder: holds the folder `uploads`; on the same file system as a disk object store, which then takes
    ///     files over by renaming them.
    ///   - bootID: names the running boot of the operating system.
    /// - Throws: when the folder cannot be made.
    public init(
        configuration: IngestConfiguration, dataFolder: String, database: any Database, objects: any ObjectStore,
        events: any EventPublisher, admission: any UploadAdmission, completion: any CompletedUploadHandler,
        access: any SessionAccess, clock: any WallClock = SystemWallClock(), bootID: String = BootID.current(),
        logger: Logger
    ) throws {
        let filePool = BlockingPool(threads: configuration.fileThreads)
        let hashPool = BlockingPool(threads: configuration.hashThreads)
        let files = UploadFiles(
            dataFolder: dataFolder, durability: configuration.durability, pool: filePool, bootID: bootID)
        try files.prepare()
        let store = UploadStore(database: database)
        let follower = HashFollower(pool: hashPool)
        let metrics = IngestMetrics()
        let settler = UploadSettler(
            store: store, files: files, follower: follower, objects: objects, handler: completion, clock: clock,
            metrics: metrics)
        let queue = SettlementQueue(width: configuration.settlementWidth, logger: logger, settle: settler.settle)
        self.access = access
        self.service = IngestService(
            configuration: configuration, machine: TusMachine(maxSize: configuration.maxUploadSize), store: store,
            files: files, follower: follower,
            registry: TransferRegistry(
                timeout: configuration.takeoverTimeout,
                transfers: TransferCount(
                    limit: configuration.maxTransfers, limitPerUploader: configuration.transfersPerUploader)),
            queue: queue, admission: admission,
            progress: ProgressReporter(events: events, clock: clock, interval: configuration.progressInterval),
            clock: clock, metrics: metrics)
        let sweeper = UploadSweeper(
            store: store, files: files, queue: queue, configuration: configuration, clock: clock, metrics: metrics)
        self.worker = IngestWorker(
            sweeper: sweeper, service: service, queue: queue, filePool: filePool, hashPool: hashPool,
            interval: configuration.sweepInterval, logger: logger)
    }

    /// The doors: tus 1.0.0 and the one-line PUT.
    public var routes: [Route] {
        TusRoutes(service: service, access: access).routes + FileRoutes(service: service, access: access).routes
    }

    /// Recovery, expiry and the handing over of finished uploads.
    public var services: [any Service] { [worker] }

    /// Ends the threads of a process that never runs the services.
    public func shutdown() async { await worker.stop() }
}
