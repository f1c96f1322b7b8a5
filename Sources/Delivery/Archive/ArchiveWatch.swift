import Core

/// Whether somebody who is being sent an archive may still have it, and the file that comes next: asked before each of its files and
/// every few megabytes. A download of hours must not outlive the rights by which it was begun, and has nothing that was taken back.
struct ArchiveWatch: Sendable {
    /// Bytes that are sent of a file without a question.
    static let stride = 4 << 20

    let access: MediaAccess
    let catalog: any ArchiveCatalog
    let credentials: any RevocationChecker
    let subject: ArchiveSubject
    let contents: ArchiveContents
    /// Whether files are sent that may tell where they were made because the session showed everybody.
    let tellsPlaces: Bool
    let reader: Principal
    let clock: any WallClock
    /// How often the database is asked, at most.
    let interval: Duration
    /// What was listed a while ago may have changed since: the first look asks.
    private var askedAt: ContinuousClock.Instant?
    /// When the answer came last that it is so.
    private var allowedAt: ContinuousClock.Instant?
    /// The file that is being sent.
    private var index = 0
    /// Up to which file it was asked whether they are still given.
    private var askedOf = 0
    /// Files that are asked about at a time: more are seldom sent within the interval.
    private static let ahead = 200
    /// For how long places are told while nobody can say whether they still may be.
    private static let trust = Duration.seconds(60)

    init(
        _ pass: MediaAccess.ArchivePass, _ subject: ArchiveSubject, _ contents: ArchiveContents, _ access: MediaAccess,
        _ catalog: any ArchiveCatalog, _ credentials: any RevocationChecker, clock: any WallClock, interval: Duration
    ) {
        (reader, self.subject, self.access, self.catalog, self.credentials) = (pass.reader, subject, access, catalog, credentials)
        // A film that can be seen may be the file that was uploaded.
        tellsPlaces = contents.listing.tellsPlaces && !subject.isForDesk
        self.contents = contents
        self.clock = clock
        self.interval = interval
    }

    /// - Parameter next: the file that comes now; `nil` within one.
    /// - Throws: `ArchiveBody.Cut.revoked` or `.withdrawn`.
    mutating func look(before next: Int? = nil) async throws {
        if credentials.isRevoked(reader) || hasExpired { throw ArchiveBody.Cut.revoked }
        index = next ?? index
        let now = ContinuousClock.now
        if index < askedOf, let askedAt, now - askedAt < interval { return }
        (askedAt, askedOf) = (now, min(index + Self.ahead, contents.layout.count))
        do {
            guard try await isAllowed() else { throw ArchiveBody.Cut.revoked }
            allowedAt = now
            let coming = (index..<askedOf).compactMap { contents.listing.objectKey(of: $0) }
            guard try await catalog.gives(coming, in: subject) else { throw ArchiveBody.Cut.withdrawn }
        } catch let problem as Problem where [401, 403, 404].contains(problem.status) {
            throw ArchiveBody.Cut.revoked
        } catch is DatabaseError {
            // It may be back with the next question, which comes soon. What has been taken back is known without it, what is hidden is not.
            if tellsPlaces, allowedAt.map({ now - $0 > Self.trust }) ?? true { throw ArchiveBody.Cut.revoked }
        }
    }

    /// Whether what a guest came in by has come to its end.
    private var hasExpired: Bool {
        if case .guest(let token) = reader { token.expiresAt <= clock.now() } else { false }
    }

    private func isAllowed() async throws -> Bool {
        let pass = try await access.archivePass(subject.session, [reader], wanted: subject.files)
        guard pass.isForDesk || !subject.isForDesk else { return false }
        if !tellsPlaces { return true }
        return try await catalog.tellsPlaces(subject.session) ?? false
    }
}
