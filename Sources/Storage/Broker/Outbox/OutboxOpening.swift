import Core
import Foundation
import Logging

/// What a process finds when it opens the outbox.
struct OutboxOpening: Sendable {
    var house: String
    /// The place of the latest event.
    var latest: OutboxMark
    /// Whether the database turned out to be a copy, so that a new history has begun.
    var isCopy: Bool

    /// Opens a migrated database, as its house's first process does or any other.
    /// - Throws: `DatabaseError`.
    static func of(
        _ database: any Database, identity: String?, clock: any WallClock, logger: Logger
    ) async throws -> OutboxOpening {
        let (new, now) = (UUID().uuidString.lowercased(), clock.now())
        let opening = try await database.write {
            try OutboxStore.open(orElse: new, identity: identity, at: now, in: $0)
        }
        if opening.isCopy {
            logger.notice("the database is not the one it was, as after a restore: a new history of events begins", metadata: [
                "latest": "\(opening.latest.position.sequence)"
            ])
        }
        return opening
    }
}
