import Core
import ObjectStore

/// Archives that are being fetched: each is listed once for as long as it is the same, however many ask for it, and in how many
/// ranges. Whether it is the same is asked every few seconds.
actor ArchiveShelf {
    /// Bytes of listings that are kept: two of the largest, hundreds of usual ones.
    private static let capacity = 2 * ArchiveListing.maximumFootprint
    /// For how long one is given without a question.
    private static let freshness = Duration.seconds(5)
    /// How often it is asked for those who name an archive that is not known: names are easily made up.
    private static let pause = Duration.seconds(1)
    /// For how long one is given because nothing seems to have changed.
    private static let lifetime = Duration.seconds(300)
    /// For how long one who asks waits for those objects to be looked for that were missing; the others are looked for next time.
    private static let lookingTime = Duration.seconds(3)

    private let catalog: any ArchiveCatalog
    private let objects: any StreamingObjectStore
    private let checksums: ArchiveChecksums
    private let clock: any WallClock
    private let known: LookupCache<ArchiveSubject, Shelved>
    private var listings: [ArchiveSubject: Task<ArchiveContents?, any Error>] = [:]
    private var turns = ListingTurns<CheckedContinuation<Void, Never>>()

    private struct Shelved: Sendable {
        var contents: ArchiveContents
        /// Of the listing: the archive may be the same as before although something else has changed.
        var revision: String
        var listedAt: Timestamp
        /// When it was the same last.
        var checkedAt: Timestamp
        /// When that was asked.
        var askedAt: ContinuousClock.Instant
        /// When it was asked last for somebody who named an archive that was not known.
        var doubtedAt: ContinuousClock.Instant?
        /// Only who lists it looks whether what is missing is back.
        var lifetime: Duration
    }

    init(_ catalog: any ArchiveCatalog, _ objects: any StreamingObjectStore, checksums: ArchiveChecksums, clock: any WallClock) {
        self.catalog = catalog
        self.objects = objects
        self.checksums = checksums
        self.clock = clock
        known = LookupCache(capacity: Self.capacity, largest: ArchiveListing.maximumFootprint, lifetime: Self.lifetime, clock: clock)
    }

    /// The archive as it is now.
    /// - Returns: `nil` when there is nothing of that name.
    /// - Throws: `Problem` 503 `archive_preparing` while checksums are being found, `busy` when too many archives wait to be listed.
    func contents(_ subject: ArchiveSubject) async throws -> ArchiveContents? {
        let now = clock.now()
        if let known = known.value(subject), known.checkedAt <= now, now < known.checkedAt + Self.freshness { return known.contents }
        if let listing = listings[subject] { return try await listing.value }
        return try await question(subject, isDoubted: false).value
    }

    /// The archive as it is now for somebody who names one that is not known here: another node may have listed it a moment ago.
    /// Once a second it is asked for all of them; they wait for it.
    /// - Returns, throws: as `contents`.
    func latest(_ subject: ArchiveSubject) async throws -> ArchiveContents? {
        let cameAt = ContinuousClock.now
        while let shelved = known.value(subject) {
            if shelved.askedAt >= cameAt { return shelved.contents }
            if let listing = listings[subject] {
                // What was asked before is no answer.
                _ = try await listing.value
            } else if let next = shelved.doubtedAt.map({ $0 + Self.pause }), ContinuousClock.now < next {
                try await Task.sleep(until: next, clock: .continuous)
            } else {
                return try await question(subject, isDoubted: true).value
            }
        }
        return try await contents(subject)
    }

    private func question(_ subject: ArchiveSubject, isDoubted: Bool) -> Task<ArchiveContents?, any Error> {
        let listing = Task<ArchiveContents?, any Error> {
            // Before anybody goes on who waits for it.
            defer { listings[subject] = nil }
            return try await current(subject, isDoubted: isDoubted)
        }
        listings[subject] = listing
        return listing
    }

    /// Something of it was not what it should be.
    func forget(_ subject: ArchiveSubject) { known.remove(subject) }

    private func current(_ subject: ArchiveSubject, isDoubted: Bool) async throws -> ArchiveContents? {
        let (now, askedAt) = (clock.now(), ContinuousClock.now)
        let doubtedAt = isDoubted ? askedAt : known.value(subject)?.doubtedAt
        if var shelved = known.value(subject), now < shelved.listedAt + shelved.lifetime,
            try await catalog.revision(subject) == shelved.revision
        {
            (shelved.checkedAt, shelved.askedAt, shelved.doubtedAt) = (now, askedAt, doubtedAt)
            keep(shelved, for: subject)
            return shelved.contents
        }
        guard let listing = try await list(subject) else { return nil }
        var contents = ArchiveContents(listing)
        // Those who fetch it for long hold one listing together, for as long as it is the same.
        if let known = known.value(subject)?.contents, known.isSame(as: contents) { contents = known }
        let shelved = Shelved(
            contents: contents, revision: listing.revision, listedAt: now, checkedAt: now, askedAt: askedAt, doubtedAt: doubtedAt,
            lifetime: contents.listing.hasMissing ? MissingObject.doubt : Self.lifetime)
        keep(shelved, for: subject)
        return contents
    }

    private func keep(_ shelved: Shelved, for subject: ArchiveSubject) {
        known.store(shelved, for: subject, cost: shelved.contents.listing.footprint)
    }

    private func list(_ subject: ArchiveSubject) async throws -> ArchiveListing? {
        guard var listing = try await listed(subject) else { return nil }
        if listing.hasMissing, try await isAnyBack(of: subject.session) {
            guard let again = try await listed(subject) else { return nil }
            listing = again
        }
        if listing.unknownCount > 0 {
            try await checksums.find(listing, for: subject)
            guard let again = try await listed(subject) else { return nil }
            listing = again
        }
        // Others may have come meanwhile; theirs are found with the next request.
        guard listing.unknownCount == 0 else { throw ArchiveChecksums.preparing(listing.unknownCount) }
        return listing
    }

    /// A listing as soon as it is its turn.
    /// - Throws: `Problem` 503 `busy` when too many wait.
    private func listed(_ subject: ArchiveSubject) async throws -> ArchiveListing? {
        if !turns.take(subject.session) {
            guard turns.hasRoom(subject.session) else {
                throw Problem.unavailable("busy", "Many archives are being asked for; try again in a moment.", retryAfter: 2)
            }
            // Whoever is done hands over.
            await withCheckedContinuation { turns.wait(subject.session, $0) }
        }
        defer { for next in turns.done(subject.session) { next.resume() } }
        return try await catalog.listing(subject)
    }

    /// Whether any of the objects that were missing can be given again. As many are looked for as there is time for.
    private func isAnyBack(of session: SessionID) async throws -> Bool {
        let end = ContinuousClock.now + Self.lookingTime
        var isAnyBack = false
        while ContinuousClock.now < end {
            let doubts = try await catalog.doubts(of: session, limit: 64)
            if doubts.isEmpty { break }
            let found = try await present(doubts)
            _ = try await catalog.note(missing: doubts.filter { !found.contains($0.objectKey) }, of: session)
            try await catalog.note(found: Array(found), of: session)
            isAnyBack = isAnyBack || !found.isEmpty
        }
        return isAnyBack
    }

    /// Those that are what they should be, looked for eight at a time.
    private func present(_ wanted: [MissingObject]) async throws -> Set<ObjectKey> {
        try await withThrowingTaskGroup(of: ObjectKey?.self) { [objects] group in
            var found: Set<ObjectKey> = []
            for (index, object) in wanted.enumerated() {
                if index >= 8, let key = try await group.next() ?? nil { found.insert(key) }
                group.addTask { try await objects.size(of: object.objectKey) == object.size ? object.objectKey : nil }
            }
            for try await key in group { if let key { found.insert(key) } }
            return found
        }
    }
}

extension ArchiveContents {
    /// Whether it is the same archive, made of the same objects, as it was known before.
    fileprivate func isSame(as other: ArchiveContents) -> Bool {
        tag == other.tag && listing.isLaidOut(as: other.listing) && listing.tellsPlaces == other.listing.tellsPlaces
    }
}
