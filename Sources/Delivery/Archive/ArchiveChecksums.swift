import Core

/// Has the checksums found that archives need and nobody has kept: of renditions from before they were, and of originals
/// without their places. Two files at a time, in turns that are fair to sessions; what is found is kept.
///
/// It goes on when those who asked are gone: they will ask again. Of each archive it holds some hundreds of files.
actor ArchiveChecksums {
    /// Files that are read at a time.
    private static let maximumReads = 2
    /// When that many files cannot be found, it is looked whether the store is there at all.
    private static let maximumMissed = 32
    /// Checksums that are kept at once.
    private static let batch = 64

    private let catalog: any ArchiveCatalog
    private let files: FileChecksums
    private let losses: ArchiveLosses
    /// How long a request waits.
    private let patience: Duration
    private var works: [ArchiveSubject: Work] = [:]
    private var turns = FairTurns()
    private var reads = 0

    private struct Work {
        /// Files that nobody has begun with, the next one last.
        var files: [ArchivedFile]
        /// Files that are being read, or noted.
        var running = 0
        /// Files whose checksums are still unknown.
        var left: Int
        /// How many these were when it was looked last.
        var listed: Int
        /// Whether there are no others.
        var isListed = false
        var found: [(file: ArchivedFile, crc32: UInt32?)] = []
        /// Those of which nobody can say in time what they tell. The others are found all the same.
        var late: Set<ObjectKey> = []
        /// Files that could not be found: lost, unless nothing else can be found either.
        var missed: [ArchivedFile] = []
        /// Objects by which that can be told.
        let sample: [ObjectKey]
        var failure: (any Error)?
        var waiting: [CheckedContinuation<Result<Void, any Error>, Never>] = []

        mutating func take(_ outcome: FileChecksums.Outcome, of file: ArchivedFile) {
            left -= 1
            switch outcome {
            case .found(let sum): found.append((file, sum))
            case .impossible: found.append((file, nil))
            case .late: late.insert(file.objectKey)
            case .missing: missed.append(file)
            }
        }
    }

    init(_ catalog: any ArchiveCatalog, _ files: FileChecksums, losses: ArchiveLosses, patience: Duration) {
        self.catalog = catalog
        self.files = files
        self.losses = losses
        self.patience = patience
    }

    /// Finds and keeps the checksums that are unknown in a listing.
    /// - Throws: `Problem` 503 `archive_preparing` when that takes longer than a request should; what reading throws.
    func find(_ listing: ArchiveListing, for subject: ArchiveSubject) async throws {
        if works[subject] == nil {
            guard turns.add(subject) else { throw Self.preparing(listing.unknownCount) }
            works[subject] = Work(
                files: listing.unknown.reversed(), left: listing.unknownCount, listed: listing.unknownCount,
                sample: listing.sample(ArchiveLosses.sample))
            goOn()
        }
        let patience = patience
        try await withCheckedContinuation { continuation in
            works[subject]?.waiting.append(continuation)
            Task {
                try? await Task.sleep(for: patience)
                self.lose(subject)
            }
        }.get()
    }

    /// Archives that are being prepared.
    var count: Int { works.count }

    /// 503: ask again.
    static func preparing(_ count: Int, retryAfter seconds: Int = 5) -> Problem {
        var problem = Problem.unavailable(
            "archive_preparing", "The archive is being prepared: \(count) files have to be read first.", retryAfter: seconds)
        problem.members["files"] = .integer(Int64(count))
        return problem
    }

    /// Whoever waits has waited long enough: one that has just come may be told so early.
    private func lose(_ subject: ArchiveSubject) {
        guard let work = works[subject] else { return }
        works[subject]?.waiting = []
        for waiter in work.waiting { waiter.resume(returning: .failure(Self.preparing(work.left))) }
    }

    /// Begins with as many files as may be read at a time.
    private func goOn() {
        while reads < Self.maximumReads, let subject = turns.order.first(where: { works[$0]?.files.isEmpty == false }),
            let file = works[subject]?.files.popLast()
        {
            turns.took(subject)
            works[subject]?.running += 1
            reads += 1
            Task { await read(file, for: subject) }
        }
    }

    private func read(_ file: ArchivedFile, for subject: ArchiveSubject) async {
        do {
            let outcome = try await files.checksum(of: file)
            works[subject]?.take(outcome, of: file)
            // What is found may have been known: that says nothing about the store.
            if let missed = works[subject]?.missed.count, missed >= Self.maximumMissed { try await noteMissed(of: subject) }
            try await keepFound(of: subject, atLeast: Self.batch)
        } catch {
            fail(subject, error)
        }
        await ended(subject)
        reads -= 1
        goOn()
    }

    /// The last of an archive's files sees to what comes next.
    private func ended(_ subject: ArchiveSubject) async {
        // Others may begin, and end, with what has been listed meanwhile.
        while let work = works[subject], work.running == 1, work.files.isEmpty, !work.isListed { await advance(subject) }
        works[subject]?.running -= 1
        guard let work = works[subject], work.running == 0, work.files.isEmpty else { return }
        works[subject] = nil
        turns.remove(subject)
        let result: Result<Void, any Error> =
            if let failure = work.failure {
                .failure(failure)
            } else if !work.late.isEmpty {
                .failure(Self.preparing(work.late.count, retryAfter: Int(PlaceRemovals.firstPause.milliseconds / 1000)))
            } else {
                .success(())
            }
        for waiter in work.waiting { waiter.resume(returning: result) }
    }

    /// Some hundreds of files are done: keeps what was found, and looks whether there are others.
    private func advance(_ subject: ArchiveSubject) async {
        do {
            // What has been found so far counts, whatever failed.
            try await keepFound(of: subject, atLeast: 1)
            if works[subject]?.failure == nil { try await noteMissed(of: subject) }
            let listing = works[subject]?.failure == nil ? try await catalog.listing(subject) : nil
            // What cannot be kept would be found again and again.
            if let listing, let work = works[subject], listing.unknownCount < work.listed {
                works[subject]?.files = listing.unknown.filter { !work.late.contains($0.objectKey) }.reversed()
                works[subject]?.left = listing.unknownCount
                works[subject]?.listed = listing.unknownCount
            }
        } catch {
            fail(subject, error)
        }
        let isListed = works[subject]?.files.isEmpty ?? true
        works[subject]?.isListed = isListed
    }

    /// No other file of the archive is begun with.
    private func fail(_ subject: ArchiveSubject, _ error: any Error) {
        if works[subject]?.failure == nil { works[subject]?.failure = error }
        works[subject]?.files = []
        works[subject]?.missed = []
    }

    /// What could not be found is lost when others can be.
    private func noteMissed(of subject: ArchiveSubject) async throws {
        guard let work = works[subject], !work.missed.isEmpty else { return }
        works[subject]?.missed = []
        if try await !losses.isStoreThere(work.sample) {
            throw ObjectStoreError.unavailable("\(work.missed.count) files are not there, nor are others")
        }
        for file in work.missed { try await losses.note(file, of: subject.session) }
    }

    private func keepFound(of subject: ArchiveSubject, atLeast count: Int) async throws {
        guard let found = works[subject]?.found, found.count >= count else { return }
        works[subject]?.found = []
        try await catalog.note(found, of: subject.session)
    }
}
