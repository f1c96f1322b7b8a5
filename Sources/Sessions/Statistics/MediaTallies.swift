public import Core
public import Logging
import Synchronization

/// Counts views and downloads in memory, and writes them down every few seconds: no request waits for a write.
public final class MediaTallies: MediaTally {
    private static let interval = Duration.seconds(3)
    /// About 2 MB when full; a page of a thousand pictures that ten guests look through within one interval.
    private static let capacity = 10_000

    private let database: any Database
    private let grants: any GrantRegistry
    private let logger: Logger
    private let store = TallyStore()
    private let sheet = Mutex(TallySheet(capacity: MediaTallies.capacity))

    public init(database: any Database, grants: any GrantRegistry, logger: Logger) {
        self.database = database
        self.grants = grants
        self.logger = logger
    }

    public func note(_ use: MediaUse, of original: OriginalID?, in session: SessionID, by grant: GrantID) {
        let count = TallySheet.Count(views: use == .view ? 1 : 0, downloads: use == .download ? 1 : 0)
        sheet.withLock { $0.add(count, to: .init(session: session, original: original, grant: grant)) }
    }

    /// Writes down until cancelled, and what is left then.
    public func run() async {
        repeat {
            try? await Task.sleep(for: Self.interval)
            // What a cancelled task asks of the database is refused.
            await Task { await flushOrKeep() }.value
        } while !Task.isCancelled
    }

    private func flushOrKeep() async {
        do {
            try await flush()
        } catch {
            logger.warning("views and downloads could not be written down; trying again later", metadata: ["error": "\(error)"])
        }
    }

    /// Writes down what was counted; what cannot be written is kept for the next time.
    /// - Throws: `DatabaseError`.
    func flush() async throws {
        let counts = sheet.withLock { $0.take() }
        if counts.isEmpty { return }
        do {
            try await database.write(.readCommitted) { [store, grants] tx in
                let parents = try grants.parents(of: Array(Set(counts.keys.map(\.grant))), transaction: tx)
                try store.add(Self.entries(counts, parents), tx)
            }
        } catch {
            sheet.withLock { sheet in for (key, count) in counts { sheet.add(count, to: key) } }
            throw error
        }
    }

    /// Guests who came by the same link are one.
    private static func entries(_ counts: [TallySheet.Key: TallySheet.Count], _ parents: [GrantID: GrantID]) -> [TallyStore.Entry] {
        struct Place: Hashable {
            var session: SessionID
            var original: OriginalID?
            var link: LinkID?
        }
        var sums: [Place: TallySheet.Count] = [:]
        for (key, count) in counts {
            let place = Place(session: key.session, original: key.original, link: parents[key.grant].map { LinkID($0) })
            sums[place, default: .init()] = sums[place, default: .init()] + count
        }
        return sums.map { TallyStore.Entry(session: $0.session, original: $0.original, link: $0.link, count: $1) }
            .sorted { $0.order < $1.order }
    }
}

extension TallyStore.Entry {
    /// The same for all nodes, so that they do not wait for each other's rows in a circle.
    fileprivate var order: (String, String, String) { (session.description, original?.description ?? "", link?.description ?? "") }
}
