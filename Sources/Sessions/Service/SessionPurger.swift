public import Core
public import Logging

/// Removes the files and rows of deleted sessions once their grace period is over, a batch at a time.
///
/// Objects go first and rows last, so that whatever interrupts it leaves something to find and go on with.
public struct SessionPurger: Sendable {
    let database: any Database
    let objects: any ObjectStore
    let renditions: any RenditionCatalog
    let clock: any WallClock
    let logger: Logger
    /// How long a deleted session could still be brought back.
    let grace: Duration
    private let sessions = SessionStore()
    private let photos = PhotoStore()

    public init(
        database: any Database, objects: any ObjectStore, renditions: any RenditionCatalog, clock: any WallClock,
        logger: Logger, grace: Duration = .seconds(7 * 86_400)
    ) {
        self.database = database
        self.objects = objects
        self.renditions = renditions
        self.clock = clock
        self.logger = logger
        self.grace = grace
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

    /// Removes everything of the sessions whose grace period is over.
    public func purge() async throws {
        let due = clock.now() - grace
        let ids = try await database.read { tx in try sessions.deleted(before: due, limit: 100, tx) }
        for id in ids {
            for key in try await database.write({ tx in try renditions.removeAll(of: id, in: tx) }) {
                try await objects.remove(key)
            }
            while try await removePhotos(of: id) {}
            try await database.write { tx in try sessions.remove(id, tx) }
        }
    }

    /// - Returns: whether there may be more.
    private func removePhotos(of session: SessionID) async throws -> Bool {
        let batch = try await database.read { tx in
            try photos.originals(of: session, limit: 200, tx).map { Original(id: $0.0, key: $0.1) }
        }
        for original in batch { try await objects.remove(original.key) }
        try await database.write { tx in try photos.remove(batch.map(\.id), tx) }
        return !batch.isEmpty
    }

    private struct Original: Sendable {
        var id: PhotoID
        var key: ObjectKey
    }
}
