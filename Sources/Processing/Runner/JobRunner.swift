public import Core
import Foundation
import Glibc
public import Logging
public import ServiceLifecycle

/// Works through the job queue with a small pool of decoder processes.
///
/// Every decoder claims its own next job when it is free, so that there are never more claims than decoders, and nothing
/// but rows waits. It is woken by commits of this process, by `changes`, and by a slow poll. What it claims is decided
/// by `ClaimOrder`; express decoders claim first thumbnails, when no other decoder is free,
/// and where films are encoded anew, one decoder does nothing else.
public struct JobRunner: Service {
    var house: ProcessingHouse
    private let isExclusive: Bool
    private let changes: AsyncStream<Void>?
    private let owner = RandomToken.secret(bytes: 9)
    private let order: ClaimTurns

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
        self.order = ClaimTurns(decoders: configuration.decoders)
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
        let express = (0..<house.configuration.expressDecoders).map { _ in bell.listen() }
        let films = house.configuration.filmEncoding == nil ? [] : [bell.listen()]
        let free = FreeDecoders { for (number, _) in express { bell.ring(number) } }
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await patrol() }
                if let changes { group.addTask { for await _ in changes { bell.ring() } } }
                await withTaskGroup(of: Void.self) { slots in
                    for (number, rings) in listeners { slots.addTask { await keepBusy(number, rings, free) } }
                    for (number, rings) in express { slots.addTask { await keepBusy(number, rings, free, .express) } }
                    for (number, rings) in films { slots.addTask { await keepBusy(number, rings, free, .film) } }
                }
                group.cancelAll()
            }
        } onGracefulShutdown: {
            for (number, _) in listeners + express + films { bell.stop(number) }
        }
        for (number, _) in listeners + express + films { bell.stop(number) }
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

    private func keepBusy(
        _ number: Int, _ rings: AsyncStream<Void>, _ free: FreeDecoders, _ role: DecoderRole = .general
    ) async {
        let files = FileQueue("lumiere.processing.\(number)")
        let folders = DecoderFolders("\(house.configuration.workFolder)/\(number)")
        do { try await files.run { try folders.prepare() } } catch {
            return house.logger.critical("a decoder has no folder to work in", metadata: ["error": "\(error)"])
        }
        let slot = DecoderSlot(
            command: DecoderCommand(house.configuration, folders), bell: house.jobs.bell, trust: house.trust,
            metrics: house.metrics, logger: house.logger)
        await slot.run { decoder in
            let desk = DecoderDesk(decoder: decoder, files: files, folders: folders, free: free, role: role)
            var wear = DecoderWear(house.configuration)
            // First without a ring: one may have been used up by the decoder before this one.
            if await exhaust(desk, &wear) { return true }
            if role == .general { free.enter() }
            for await _ in rings {
                if role == .general { free.leave() }
                if await exhaust(desk, &wear) { return true }
                if role == .general { free.enter() }
            }
            return false
        }
        try? await files.run { folders.remove() }
    }

    /// Claims and works until nothing is due.
    /// - Returns: whether the decoder has to be replaced.
    private func exhaust(_ desk: DecoderDesk, _ wear: inout DecoderWear) async -> Bool {
        while desk.decoder.isAlive, desk.mayClaim, !Task.isShuttingDownGracefully, !Task.isCancelled {
            guard let attempt = await claim(desk) else { break }
            let ending = await attempt.run(on: desk.decoder)
            order.ended(attempt.claim)
            if ending == .setback(.away) { await waitForStorage() }
            guard desk.decoder.isAlive else { return true }
            if let reason = wear.jobEnded(resident: await desk.residentMemory()) {
                house.metrics.decoderRecycled(reason)
                return true
            }
        }
        return !desk.decoder.isAlive
    }

    /// Whatever is claimed meanwhile would only be put back.
    private func waitForStorage() async {
        await cancelWhenGracefulShutdown { try? await Task.sleep(for: house.configuration.awayPause) }
    }

    private func claim(_ desk: DecoderDesk) async -> JobAttempt? {
        let turn = order.next(desk.role)
        do {
            let claim = try await house.database.write(.readCommitted) {
                try house.jobs.claim(by: owner, turn, lease: house.configuration.lease, in: $0)
            }
            order.settled(turn, claim, desk.role)
            guard let claim else { return nil }
            return JobAttempt(
                claim: claim, house: house, files: desk.files, folders: desk.folders, claimedAt: .now, role: desk.role)
        } catch {
            order.settled(turn, nil, desk.role)
            house.logger.error("no job could be claimed", metadata: ["error": "\(error)"])
            return nil
        }
    }

    // MARK: The slow poll

    /// Wakes everybody once in a while, sees to jobs whose workers have vanished, and counts the queue.
    private func patrol() async {
        var counted: ContinuousClock.Instant?
        while !Task.isCancelled {
            do {
                try await recover()
                if counted.map({ $0.duration(to: .now) >= house.configuration.censusInterval }) ?? true {
                    let census = try await house.database.read { try house.jobs.census(limit: Self.mostCounted, in: $0) }
                    house.metrics.counted(census, at: house.jobs.clock.now())
                    counted = .now
                }
            } catch {
                house.logger.error("the queue could not be looked at", metadata: ["error": "\(error)"])
            }
            house.jobs.bell.ring()
            do { try await Task.sleep(for: house.configuration.pollInterval) } catch { return }
        }
    }

    private func recover() async throws {
        guard try await house.database.read({ try house.jobs.hasLost(in: $0) }) else { return }
        try await house.database.write { transaction in
            for job in try house.jobs.failExhausted(limit: 16, in: transaction) {
                try house.listener.failed(job, RetryPolicy.fatal, in: transaction)
            }
            try house.jobs.requeueLost(in: transaction)
        }
    }

    /// Of each priority.
    private static let mostCounted = 100_000
}

/// A decoder at work, and what it works with.
private struct DecoderDesk {
    let decoder: Decoder
    let files: FileQueue
    let folders: DecoderFolders
    let free: FreeDecoders
    let role: DecoderRole

    /// An express decoder leaves what it can to the others.
    var mayClaim: Bool { role != .express || free.isEmpty }

    func residentMemory() async -> Int64? {
        let processID = decoder.processID
        return try? await files.run { ResidentMemory.of(processID) }
    }
}
