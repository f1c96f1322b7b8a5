import Core
import Logging
import NIOPosix
import Synchronization

/// Keeps the revocations in memory equal to those in the database, whoever made them, and the signing keys to their file.
public final class RevocationFeed: Sendable {
    /// Rows are read again for so long, for a transaction is seen later than the time it carries, and clocks differ.
    private static let overlap: Duration = .seconds(30)
    private static let interval: Duration = .seconds(1)
    private static let purgeInterval: Duration = .seconds(3600)

    private let database: any Database
    private let revocations: Revocations
    private let keys: SigningKeys
    private let clock: any WallClock
    private let logger: Logger
    private let store = RevocationStore()
    private let lastLook = Mutex<Timestamp?>(nil)

    init(
        database: any Database, revocations: Revocations, keys: SigningKeys, clock: any WallClock, logger: Logger
    ) {
        self.database = database
        self.revocations = revocations
        self.keys = keys
        self.clock = clock
        self.logger = logger
    }

    /// Reads what was revoked since the last look; at the first everything that still matters. Await it once before
    /// serving, so that nothing revoked opens anything.
    /// - Throws: `DatabaseError`.
    public func refresh() async throws {
        let now = clock.now()
        let since = lastLook.withLock { $0 }.map { $0 - Self.overlap } ?? now - GrantSigner.longestLife - .seconds(86_400)
        try await readAll(since, { try $0.devices(after: $1, in: $2) }, into: { $0.add($1) })
        try await readAll(since, { try $0.grants(after: $1, in: $2) }, into: { $0.add($1) })
        revocations.removeExpired(at: now)
        lastLook.withLock { $0 = now }
    }

    /// Looks every second until the task is cancelled.
    public func run() async {
        var lastPurge: Timestamp?
        var wasWell = true
        while !Task.isCancelled {
            do {
                try await look(purgingAfter: &lastPurge)
                wasWell = true
            } catch {
                if wasWell { logger.error("revocations cannot be read", metadata: ["error": "\(error)"]) }
                wasWell = false
            }
            // Only cancellation ends a sleep early, and the loop's condition sees that.
            try? await Task.sleep(for: Self.interval)
        }
    }

    private func look(purgingAfter lastPurge: inout Timestamp?) async throws {
        try await refresh()
        try await NIOThreadPool.singleton.runIfActive { [keys] in try keys.reload() }
        let now = clock.now()
        if let last = lastPurge, now - last < Self.purgeInterval { return }
        lastPurge = now
        try await database.write { [store] transaction in try store.purge(at: now, in: transaction) }
    }

    private func readAll<Subject>(
        _ since: Timestamp,
        _ page: @escaping @Sendable (RevocationStore, Cursor, any Transaction) throws -> [Revocations.Entry<Subject>],
        into add: (Revocations, [Revocations.Entry<Subject>]) -> Void
    ) async throws {
        var cursor = Cursor(key: since.milliseconds, id: "")
        while true {
            let entries = try await database.read { [store, cursor] in try page(store, cursor, $0) }
            add(revocations, entries)
            guard entries.count == RevocationStore.pageSize, let last = entries.last else { return }
            cursor = Cursor(key: last.revokedAt.milliseconds, id: last.id.description)
        }
    }
}
