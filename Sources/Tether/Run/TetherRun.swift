import Core
import Foundation
import NIOPosix

/// One run of a tether: joins what the folder tells, what the spool holds and what the server answers.
actor TetherRun {
    let settings: TetherSettings
    let spool: Spool
    let client: UploadClient
    let threads: NIOThreadPool
    let reach: FolderReach
    let inbox: String
    let display: any TetherDisplay
    let clock: any WallClock
    let patience: Patience
    let writers: @Sendable (OpenedFile) -> Writers
    let bell = Bell()
    /// Rings when an upload is to be ended.
    let endings = Bell()

    var flights: [Int64: Flight] = [:]
    var outage = Outage()
    var lull = Lull()
    var ending = TetherEnding()
    var sentBytes: Int64 = 0
    var totals = SpoolTotals()
    /// The spool has changed since `totals` was read.
    var areTotalsOld = true
    var rate = RateMeter()
    /// The folder, and the hooks' notes, have been looked at to the end.
    var isFolderQuiet = false
    /// Contents on their way, by SHA-256, and the row that each is sent for.
    var contents: [String: Int64] = [:]
    var isInboxQuiet = false
    /// Since when there has been nothing to do.
    var idleSince: ContinuousClock.Instant?

    /// How long a tether in the background waits for the next photo.
    private static let drainPatience: Duration = .seconds(15)
    private static let tick: Duration = .milliseconds(200)

    /// A file on its way.
    struct Flight {
        var file: SpooledFile
        var gauge = TransferGauge()
        var began = ContinuousClock.now
    }

    init(
        _ settings: TetherSettings, spool: Spool, client: UploadClient, threads: NIOThreadPool, inbox: String,
        display: any TetherDisplay, patience: Patience, writers: @escaping @Sendable (OpenedFile) -> Writers,
        clock: any WallClock = SystemWallClock()
    ) {
        self.settings = settings
        self.spool = spool
        self.client = client
        self.threads = threads
        reach = FolderReach(folder: settings.folder)
        self.inbox = inbox
        self.display = display
        self.patience = patience
        self.writers = writers
        self.clock = clock
    }

    func run() async -> TetherEnding {
        let folder = settings.drains ? nil : FolderWatcher(settings.folder, filter: settings.filter)
        let notes = FolderWatcher(
            inbox, filter: FileFilter(only: [HookNote.ending]), limits: FolderWatcher.Limits(depth: 0, rest: .zero))
        isFolderQuiet = settings.drains
        if !settings.drains { display.tell(.began(folder: settings.folder, server: settings.server.description)) }
        if settings.retriesRefused { await insistently { try await self.spool.retryRefused() } }
        await withDiscardingTaskGroup { group in
            folder?.start()
            notes.start()
            if let folder { group.addTask { await self.follow(folder) } }
            group.addTask { await self.followInbox(notes) }
            group.addTask { await self.endUploads() }
            group.addTask { await self.tickAlong() }
            for await _ in bell.rings {
                if await isOver() { break }
                while let flight = await takeOff() { group.addTask { await self.fly(flight) } }
            }
            folder?.stop()
            notes.stop()
            group.cancelAll()
        }
        await conclude()
        return ending
    }

    private func conclude() async {
        if let totals = try? await spool.totals() { self.totals = totals }
        ending.left = totals.waiting + totals.held
        ending.refused = totals.refused
        ending.isInterrupted = Task.isCancelled
        display.show(picture(at: .now))
        display.tell(.ended(ending))
    }

    private func tickAlong() async {
        while !Task.isCancelled {
            await readTotals()
            display.show(picture(at: .now))
            bell.ring()
            try? await Task.sleep(for: Self.tick)
        }
        bell.ring()
    }

    private func readTotals() async {
        guard areTotalsOld else { return }
        areTotalsOld = false
        if let totals = try? await spool.totals() { self.totals = totals }
    }

    // MARK: The end

    private func isOver() async -> Bool {
        if Task.isCancelled || ending.stopped != nil { return true }
        guard settings.once || settings.drains, isFolderQuiet, isInboxQuiet, flights.isEmpty, await hasNothingToDo() else {
            idleSince = nil
            return false
        }
        guard settings.drains else { return true }
        let since = idleSince ?? .now
        idleSince = since
        return ContinuousClock.now - since >= Self.drainPatience
    }

    /// Files that are held may take ten minutes: `--once` does not wait for what may never come.
    private func hasNothingToDo() async -> Bool {
        guard let totals = try? await spool.totals() else { return false }
        return totals.waiting == 0
    }

    // MARK: Take-off

    /// The next file, if there is a place for it.
    private func takeOff() async -> Flight? {
        let places = min(outage.limit(settings.parallel, at: .now), lull.limit(settings.parallel, at: .now))
        guard !Task.isCancelled, ending.stopped == nil,
            let kind = Schedule.room(places: places, busy: flights.values.map(\.file.kind))
        else { return nil }
        guard let file = try? await spool.next(beside: Set(flights.keys), upTo: kind, at: clock.now()) else { return nil }
        // Only this loop adds flights, so the file is not on its way yet.
        let flight = Flight(file: file)
        flights[file.id] = flight
        return flight
    }

    // MARK: Drawing

    private func picture(at now: ContinuousClock.Instant) -> TetherPicture {
        var picture = TetherPicture()
        picture.rows = flights.values.sorted { $0.began < $1.began }.map { flight in
            let reading = flight.gauge.reading
            return .init(name: flight.file.name, phase: reading.phase, bytes: reading.bytes, size: flight.file.facts.size)
        }
        (picture.sentFiles, picture.sentBytes) = (ending.sent, sentBytes)
        (picture.waitingFiles, picture.waitingBytes) = (totals.waiting, totals.waitingBytes)
        (picture.held, picture.refused) = (totals.held, totals.refused)
        rate.note(picture.doneBytes, at: now)
        picture.rate = rate.rate
        picture.trouble = outage.reason ?? lull.reason
        picture.pause = (outage.until ?? lull.until).map { $0 - now }
        return picture
    }

    /// Does what must be done with the spool, also when its disk is full for a while.
    func insistently(_ work: @Sendable () async throws -> Void) async {
        var isTold = false
        // What has happened is recorded, whether or not the run was told to end meanwhile.
        repeat {
            do { return try await work() } catch is CancellationError { return } catch {
                if !isTold { display.tell(.note("The spool cannot be written; trying again: \(error).")) }
                isTold = true
                try? await Task.sleep(for: .seconds(1))
            }
        } while !Task.isCancelled
    }
}
