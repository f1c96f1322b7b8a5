public import Core
public import Logging
import Synchronization

/// Counts views and downloads in memory, and writes them down every few seconds: no request waits for a write.
public final class MediaTallies: MediaTally {
    private static let interval = Duration.seconds(3)
    /// About 2 MB when full; a page of a thousand pictures that ten guests look through within one interval.
    private static let capacity = 10_000
    /// Guests whose downloads are logged, of one interval.
    private static let savers = 500

    private let database: any Database
    private let grants: any GrantRegistry
    private let clock: any WallClock
    private let logger: Logger
    private let store = TallyStore()
    private let sheet = Mutex(TallySheet(capacity: MediaTallies.capacity))

    public init(database: any Database, grants: any GrantRegistry, clock: any WallClock = SystemWallClock(), logger: Logger) {
        self.database = database
        self.grants = grants
        self.clock = clock
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
        let now = clock.now()
        do {
            try await database.write(.readCommitted) { [self] tx in
                let parents = try grants.parents(of: Array(Set(counts.keys.map(\.grant))), transaction: tx)
                try store.add(Self.entries(counts, parents), tx)
                try log(counts, parents, at: now, tx)
            }
        } catch {
            sheet.withLock { sheet in for (key, count) in counts { sheet.add(count, to: key) } }
            throw error
        }
    }

    /// Tells the owners who saved something: of each guest one line, and of so many guests.
    private func log(
        _ counts: [TallySheet.Key: TallySheet.Count], _ parents: [GrantID: GrantID], at now: Timestamp, _ tx: any Transaction
    ) throws {
        let savers = Dictionary(counts.filter { $0.value.downloads > 0 }.map { ($0.key.grant, $0.key.session) }) { first, _ in first }
        let activity = ActivityStore()
        let present = try activity.present(Set(savers.values), tx)
        let lines = try savers.sorted { $0.key < $1.key }.prefix(Self.savers).filter { present.contains($0.value) }.map { grant, session in
            ActivitySheet.Line(
                session: session, at: now, kind: .downloaded, link: parents[grant].map { LinkID($0) }, network: "",
                name: try grants.grant(grant, transaction: tx)?.name ?? "")
        }
        try activity.add(lines, tx)
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
