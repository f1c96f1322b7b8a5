import Core
import ObjectStore

/// Finds objects that no row speaks of: what a worker or server left behind when it was killed.
struct OrphanSweep: Sendable {
    let database: any Database
    let store: any StreamingObjectStore
    let namings: [any ObjectNaming]
    let clock: any WallClock
    /// Younger objects may be about to be spoken of.
    var age = Duration.seconds(86_400)

    /// What was found.
    struct Result: Sendable, Equatable {
        /// Objects looked at.
        var seen = 0
        /// Of these, how many nobody needs.
        var orphans = 0
        /// Bytes of these.
        var bytes: Int64 = 0

        /// Whether so much is left over that it must be another database's: a few workers that were killed leave little.
        var isImplausible: Bool { orphans > 100 && orphans * 2 > seen }
    }

    /// Where the objects are that rows can speak of.
    static let prefixes = ["originals/", "renditions/"]

    /// Looks at every object.
    /// - Parameters:
    ///   - removes: whether what nobody needs goes.
    ///   - report: called with what has been found after each page, and what of it is new.
    /// - Throws: `ObjectStoreError`, `DatabaseError`.
    func run(removes: Bool, _ report: @Sendable (Result, [StoredObject]) async -> Void) async throws -> Result {
        var result = Result()
        for prefix in Self.prefixes {
            var cursor: String?
            repeat {
                let page = try await store.page(prefix: prefix, after: cursor, limit: 500)
                let orphans = try await orphans(among: page.objects)
                if removes { try await store.remove(orphans.map(\.key)) }
                result.seen += page.objects.count
                result.orphans += orphans.count
                result.bytes += orphans.reduce(0) { $0 + $1.size }
                await report(result, orphans)
                cursor = page.next
            } while cursor != nil
        }
        return result
    }

    /// What is not named as an object of ours is not touched either.
    private func orphans(among objects: [StoredObject]) async throws -> [StoredObject] {
        let limit = clock.now() - age
        let old = objects.filter { object in object.key.originalID != nil && object.modifiedAt.map { $0 < limit } ?? false }
        if old.isEmpty { return [] }
        let keys = old.map(\.key)
        let named = try await database.read { tx in
            try namings.reduce(into: Set<ObjectKey>()) { try $0.formUnion($1.named(keys, transaction: tx)) }
        }
        return old.filter { !named.contains($0.key) }
    }
}
