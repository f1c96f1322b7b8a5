public import Core
public import Logging

/// Removes the files and rows of deleted sessions once their grace period is over, a batch at a time; and objects of others that
/// nobody needs any more.
///
/// Objects go first and rows last, so that whatever interrupts it leaves something to find and go on with.
public struct SessionPurger: Sendable {
    let database: any Database
    let objects: any ObjectStore
    let renditions: any RenditionCatalog
    let clock: any WallClock
    let logger: Logger
    /// What other features keep of sessions.
    let belongings: [any SessionBelongings]
    /// How long a deleted session could still be brought back.
    static let grace = Duration.seconds(7 * 86_400)
    /// How much later nothing of it is left, whatever clocks of nodes say: nobody brings back what is being removed.
    private static let margin = Duration.seconds(3600)
    private let sessions = SessionStore()
    private let photos = PhotoStore()
    private let companions = CompanionStore()
    private let usage = FileUsage()
    private let discarded = DiscardedObjects()

    public init(
        database: any Database, objects: any ObjectStore, renditions: any RenditionCatalog, clock: any WallClock,
        logger: Logger, belongings: [any SessionBelongings] = []
    ) {
        self.database = database
        self.objects = objects
        self.renditions = renditions
        self.clock = clock
        self.logger = logger
        self.belongings = belongings
    }

    /// Purges every hour until cancelled.
    public func run() async {
        while !Task.isCancelled {
            do {
                try await purge()
            } catch {
                logger.error("purging deleted sessions failed; trying again later", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: .seconds(3600))
        }
    }

    /// Removes everything of the sessions whose grace period is over, and what was discarded.
    public func purge() async throws {
        while try await removeDiscarded() {}
        let due = clock.now() - Self.grace - Self.margin
        let ids = try await database.read { tx in try sessions.deleted(before: due, limit: 100, tx) }
        for id in ids {
            do {
                var holders: Set<String> = []
                while let removed = try await removePhotos(of: id) { holders.formUnion(removed) }
                while try await removeRenditions(of: id) {}
                while try await removeBelongings(of: id) {}
                while try await database.write({ tx in try AuditStore().remove(of: id, limit: 5000, tx) }) {}
                try await database.write { tx in
                    try usage.forget(id, tx)
                    try RenderingStore().remove(id, tx)
                    try WatermarkPictureStore().remove(of: id, tx)
                    try TallyStore().remove(of: id, tx)
                    // Of a session that was deleted by a program that knew of no links.
                    try ShareLinkStore().removeAll(of: id, tx)
                    try ArchiveStore().remove(of: id, tx)
                    try SelectionStore().removeAll(of: id, tx)
                    try ActivityStore().remove(of: id, tx)
                    try sessions.remove(id, tx)
                }
                for holder in holders {
                    try await database.write(.readCommitted) { tx in try usage.fold(holder, tx) }
                }
            } catch {
                logger.error("a deleted session could not be purged", metadata: ["session": "\(id)", "error": "\(error)"])
            }
        }
    }

    /// - Returns: whether there may be more.
    private func removeDiscarded() async throws -> Bool {
        let keys = try await database.read { tx in try discarded.some(limit: 200, tx) }
        if keys.isEmpty { return false }
        try await objects.remove(keys)
        try await database.write { tx in try discarded.remove(keys, tx) }
        return true
    }

    /// What jobs that were still running have left behind, too.
    /// - Returns: whether there may be more.
    private func removeRenditions(of session: SessionID) async throws -> Bool {
        let keys = try await database.read { tx in try renditions.objects(of: session, limit: 200, transaction: tx) }
        if keys.isEmpty { return false }
        try await objects.remove(keys)
        try await database.write { tx in try renditions.forget(keys, of: session, in: tx) }
        return true
    }

    /// What other features keep of it.
    /// - Returns: whether there may be more.
    private func removeBelongings(of session: SessionID) async throws -> Bool {
        try await database.write { [belongings] tx in
            var hasMore = false
            for belonging in belongings where try belonging.removeSome(of: session, limit: 500, in: tx) { hasMore = true }
            return hasMore
        }
    }

    /// - Returns: the accounts and keys that they were counted for; `nil` when there are none any more.
    private func removePhotos(of session: SessionID) async throws -> Set<String>? {
        let (found, keys) = try await database.read { tx in
            let found = try photos.originals(of: session, limit: 200, tx)
            let others = try companions.of(found.map(\.photo), tx).values.joined()
            let derived = try renditions.renditions(of: found.map(\.id) + others.map(\.id), transaction: tx)
            let keys = found.map(\.key) + others.map(\.objectKey) + derived.values.joined().map(\.objectKey)
            return (found.map(\.photo), keys)
        }
        if found.isEmpty { return nil }
        try await objects.remove(keys)
        return try await database.write { tx in
            let holders = try usage.remove(found, tx)
            try companions.remove(of: found, tx)
            try photos.removeTags(of: found, tx)
            try photos.remove(found, tx)
            return holders
        }
    }
}
