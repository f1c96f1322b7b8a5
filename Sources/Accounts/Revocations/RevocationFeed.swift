import Core
import Logging
import NIOPosix
import Synchronization

/// Keeps the revocations in memory equal to those in the database, whoever made them, and the signing keys to their file.
public final class RevocationFeed: Sendable {
    private static let interval: Duration = .seconds(1)
    private static let purgeInterval: Duration = .seconds(3600)

    private struct State: Sendable {
        var devices = RevocationTrail(start: State.start)
        var grants = RevocationTrail(start: State.start)
        var hasWarned = false

        /// At the first look everything that still matters.
        private static let start = GrantSigner.longestLife + .seconds(86_400)
    }

    private let database: any Database
    private let revocations: Revocations
    private let keys: SigningKeys
    private let clock: any WallClock
    private let logger: Logger
    private let store: RevocationStore
    private let state = Mutex(State())

    init(
        database: any Database, revocations: Revocations, keys: SigningKeys, clock: any WallClock, logger: Logger,
        store: RevocationStore = RevocationStore()
    ) {
        self.database = database
        self.revocations = revocations
        self.keys = keys
        self.clock = clock
        self.logger = logger
        self.store = store
    }

    /// Reads what was revoked since the last look; at the first everything that still matters. Await it once before
    /// serving, so that nothing revoked opens anything.
    /// - Throws: `DatabaseError`.
    public func refresh() async throws {
        let now = clock.now()
        let (devices, grants) = state.withLock { ($0.devices, $0.grants) }
        let crowdedDevices = try await readAll(
            devices, at: now, { try $0.devices(after: $1, before: $2, in: $3) }, into: { $0.add($1) })
        let crowdedGrants = try await readAll(
            grants, at: now, { try $0.grants(after: $1, before: $2, in: $3) }, into: { $0.add($1) })
        revocations.removeExpired(at: now)
        state.withLock { state in
            state.devices.finish(at: now, crowds: crowdedDevices)
            state.grants.finish(at: now, crowds: crowdedGrants)
        }
        warnOnce()
    }

    /// Looks every second until the task is cancelled.
    public func run() async {
        var nextPurge = clock.now()
        var wasWell = true
        while !Task.isCancelled {
            do {
                try await look(&nextPurge)
                wasWell = true
            } catch {
                if wasWell { logger.error("revocations cannot be read", metadata: ["error": "\(error)"]) }
                wasWell = false
            }
            // Only cancellation ends a sleep early, and the loop's condition sees that.
            try? await Task.sleep(for: Self.interval)
        }
    }

    /// One page is purged at a look while there are more, so that neither waits for the other.
    private func look(_ nextPurge: inout Timestamp) async throws {
        try await refresh()
        try await NIOThreadPool.singleton.runIfActive { [keys] in try keys.reload() }
        let now = clock.now()
        guard now >= nextPurge else { return }
        let isMore = try await database.write(.readCommitted) { [store] in try store.purge(at: now, in: $0) }
        nextPurge = isMore ? now : now + Self.purgeInterval
    }

    /// - Returns: the moments in which at least a page was revoked.
    private func readAll<Subject>(
        _ trail: RevocationTrail, at now: Timestamp,
        _ page: @escaping @Sendable (RevocationStore, Cursor, Int64, any Transaction) throws -> [Revocations.Entry<Subject>],
        into add: (Revocations, [Revocations.Entry<Subject>]) -> Void
    ) async throws -> Set<Timestamp> {
        var crowds: Set<Timestamp> = []
        for stretch in trail.stretches(at: now) {
            var cursor = Cursor(key: stretch.lowerBound, id: "")
            while true {
                let entries = try await database.read { [store, cursor] in try page(store, cursor, stretch.upperBound, $0) }
                add(revocations, entries.filter { $0.until > now })
                guard entries.count == store.pageSize, let first = entries.first, let last = entries.last else { break }
                if first.revokedAt == last.revokedAt { crowds.insert(last.revokedAt) }
                cursor = Cursor(key: last.revokedAt.milliseconds, id: last.id.description)
            }
        }
        return crowds
    }

    private func warnOnce() {
        guard revocations.areOverfull, state.withLock({ state in
            defer { state.hasWarned = true }
            return !state.hasWarned
        }) else { return }
        logger.warning("more was revoked than there is room for: some tokens that were not are refused, too")
    }
}
