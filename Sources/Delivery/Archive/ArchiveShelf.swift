import Core

/// Archives that are being fetched: each is listed once every few seconds, however many ask for it, and in how many ranges.
actor ArchiveShelf {
    /// Bytes of listings that are kept.
    private static let capacity = 64 << 20
    /// For how long one is given without a look.
    private static let lifetime = Duration.seconds(5)

    private let catalog: any ArchiveCatalog
    private let checksums: ArchiveChecksums
    private let clock: any WallClock
    private let known: LookupCache<ArchiveSubject, Shelved>
    private var listings: [ArchiveSubject: Task<ArchiveContents?, any Error>] = [:]

    private struct Shelved: Sendable {
        var contents: ArchiveContents
        var listedAt: Timestamp
    }

    init(_ catalog: any ArchiveCatalog, checksums: ArchiveChecksums, clock: any WallClock) {
        self.catalog = catalog
        self.checksums = checksums
        self.clock = clock
        known = LookupCache(capacity: Self.capacity, lifetime: nil, clock: clock)
    }

    /// The archive as it is now.
    /// - Returns: `nil` when there is nothing of that name.
    /// - Throws: `Problem` 503 `archive_preparing` while checksums are being found.
    func contents(_ subject: ArchiveSubject) async throws -> ArchiveContents? {
        if let known = known.value(subject), clock.now() < known.listedAt + Self.lifetime { return known.contents }
        if let listing = listings[subject] { return try await listing.value }
        let listing = Task { try await list(subject) }
        listings[subject] = listing
        defer { listings[subject] = nil }
        return try await listing.value
    }

    private func list(_ subject: ArchiveSubject) async throws -> ArchiveContents? {
        let now = clock.now()
        guard var listing = try await catalog.listing(subject) else { return nil }
        if !listing.unknown.isEmpty {
            try await checksums.find(listing.unknown, for: subject)
            guard let again = try await catalog.listing(subject) else { return nil }
            listing = again
        }
        // Others may have come meanwhile; theirs are found with the next request.
        guard listing.unknown.isEmpty else { throw ArchiveChecksums.preparing(listing.unknown.count) }
        var contents = ArchiveContents(listing)
        // Those who fetch it for long hold one listing together, for as long as it is the same.
        if let known = known.value(subject)?.contents, known.tag == contents.tag, known.listing.isLaidOut(as: listing) { contents = known }
        known.store(Shelved(contents: contents, listedAt: now), for: subject, cost: listing.footprint)
        return contents
    }
}
