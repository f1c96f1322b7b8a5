public import Core
import Foundation
import Glibc
public import Logging
public import ServiceLifecycle

/// Works through the job queue with a small pool of decoder processes.
///
/// Every decoder claims its own next job when it is free, so that there are never more claims than decoders. It is
/// woken by commits of this process, by `changes`, and by a slow poll.
public struct JobRunner: Service {
    let house: ProcessingHouse
    private let isExclusive: Bool
    private let changes: AsyncStream<Void>?
    private let owner = RandomToken.secret(bytes: 9)

    /// - Parameters:
    ///   - jobs: the same store that enqueues, so that a commit wakes the runner at once.
    ///   - pictures: finds what watermarks draw.
    ///   - changes: tells that another process has written to the database; read by this runner alone.
    ///   - exclusive: no other process works on this database's jobs: whatever is marked as running at the start is
    ///     left over from a crash and starts again at once.
    public init(
        configuration: ProcessingConfiguration, database: any Database, objects: any ObjectStore, jobs: JobStore,
        renditions: RenditionStore, listener: any ProcessingListener, pictures: (any WatermarkPictures)? = nil,
        changes: AsyncStream<Void>? = nil, exclusive: Bool, logger: Logger
    ) {
        self.house = ProcessingHouse(
            configuration: configuration, database: database, objects: objects, jobs: jobs, renditions: renditions,
            listener: listener, pictures: pictures, logger: logger)
        self.isExclusive = exclusive
        self.changes = changes
    }

    /// Runs until graceful shutdown or cancellation; without decoders it only watches the queue. Every decoder is dead when it returns.
    /// - Throws: when the scratch folder or the database cannot be used at the start.
    public func run() async throws {
        // Writing to a decoder that has just died must be an error, not the server's end.
        signal(SIGPIPE, SIG_IGN)
        try await emptyScratch()
        if isExclusive { try await house.database.write { try house.jobs.reclaimAll(in: $0) } }
        if house.configuration.decoders == 0 { return await cancelWhenGracefulShutdown { await patrol() } }
        let bell = house.jobs.bell
        let listeners = (0..<house.configuration.decoders).map { _ in bell.listen() }
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await patrol() }
                if let changes { group.addTask { for await _ in changes { bell.ring() } } }
                await withTaskGroup(of: Void.self) { slots in
                    for (number, rings) in listeners { slots.addTask { await keepBusy(number, rings) } }
                }
                group.cancelAll()
            }
        } onGracefulShutdown: {
            for (number, _) in listeners { bell.stop(number) }
        }
        for (number, _) in listeners { bell.stop(number) }
    }

    private func emptyScratch() async throws {
        let configuration = house.configuration
        try await FileQueue("lumiere.scratch").run {
            try? FileManager.default.removeItem(atPath: configuration.scratchFolder)
            for folder in [configuration.workFolder, configuration.intakeFolder] {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            }
        }
    }

    // MARK: One decoder

    private func keepBusy(_ number: Int, _ rings: AsyncStream<Void>) async {
        let files = FileQueue("lumiere.processing.\(number)")
        let slot = DecoderSlot(
            command: DecoderCommand(house.configuration), bell: house.jobs.bell, trust: house.trust,
            metrics: house.metrics, logger: house.logger)
        await slot.run { decoder in
            // First without a ring: one may have been used up by the decoder before this one.
            if await exhaust(decoder, files) { return true }
            for await _ in rings where await exhaust(decoder, files) { return true }
            return false
        }
    }

    /// Claims and works until nothing is due.
    /// - Returns: whether the decoder has to be replaced.
    private func exhaust(_ decoder: Decoder, _ files: FileQueue) async -> Bool {
        while decoder.isAlive, !Task.isShuttingDownGracefully, !Task.isCancelled {
            guard let attempt = await claim(files) else { return !decoder.isAlive }
            await attempt.run(on: decoder)
            if await isUsedUp(decoder, files) { return true }
        }
        return !decoder.isAlive
    }

    private func claim(_ files: FileQueue) async -> JobAttempt? {
        do {
            let claim = try await house.database.write(.readCommitted) {
                try house.jobs.claim(by: owner, lease: house.configuration.lease, in: $0)
            }
            return claim.map { JobAttempt(claim: $0, house: house, files: files, claimedAt: .now) }
        } catch {
            house.logger.error("no job could be claimed", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func isUsedUp(_ decoder: Decoder, _ files: FileQueue) async -> Bool {
        if decoder.jobsEnded >= house.configuration.jobsPerDecoder { return true }
        let processID = decoder.processID
        let resident = try? await files.run { ResidentMemory.of(processID) }
        return (resident ?? nil) ?? 0 > house.configuration.decoderMemory
    }

    // MARK: The slow poll

    /// Wakes everybody once in a while, ends jobs that too many workers vanished on, and counts the queue.
    private func patrol() async {
        while !Task.isCancelled {
            house.jobs.bell.ring()
            do {
                house.metrics.queueDepth(try await house.database.write { try sweep(in: $0) })
            } catch {
                house.logger.error("the queue could not be looked at", metadata: ["error": "\(error)"])
            }
            do { try await Task.sleep(for: house.configuration.pollInterval) } catch { return }
        }
    }

    private func sweep(in transaction: any Transaction) throws -> Int {
        for job in try house.jobs.failExhausted(limit: 16, in: transaction) {
            try house.listener.failed(job, RetryPolicy.fatal, in: transaction)
        }
        return try house.jobs.depth(limit: 100_000, in: transaction)
    }
}
