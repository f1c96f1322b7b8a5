public import Core

/// Reads what has become of a session, or of all sessions of an account.
public struct StatisticsService: Sendable {
    /// Photos of each kind of success.
    private static let top = 20

    let database: any Database
    let grants: any GrantRegistry
    let clock: any WallClock
    private let tallies = TallyStore()
    private let photos = PhotoStore()
    private let activity = ActivityStore()

    public init(database: any Database, grants: any GrantRegistry, clock: any WallClock = SystemWallClock()) {
        self.database = database
        self.grants = grants
        self.clock = clock
    }

    /// - Throws: `Problem` 404.
    func statistics(of id: SessionID) async throws -> StatisticsView {
        try await database.read { tx in
            try require(id, tx)
            let sums = try photos.sums("session_id = \(id)", tx)
            let guests = try grants.guestCount(of: id, transaction: tx)
            let (total, byLink) = (try tallies.total(of: id, tx), try tallies.byLink(of: id, tx))
            var view = StatisticsView(sums, views: total.views, downloads: total.downloads, guests: guests)
            view.enter(try activity.entries(of: id, tx))
            view.latency = .init(try activity.latencies(of: id, tx))
            view.links = try ShareLinkStore().list(of: id, after: nil, limit: StatisticsView.mostLinks, tx).map {
                let count = byLink[$0.id] ?? .init()
                return .init(id: $0.id, name: $0.name, views: count.views, downloads: count.downloads)
            }
            view.mostViewed = try tallies.mostViewed(of: id, limit: Self.top, tx).map {
                .init(photoId: $0.photo, views: $0.count.views, downloads: $0.count.downloads)
            }
            view.mostLiked = try photos.most("likes", of: id, limit: Self.top, tx)
            view.mostFavoured = try photos.most("favourites", of: id, limit: Self.top, tx)
            return view
        }
    }

    /// Over all sessions that an account owns.
    func statistics(ofOwner owner: UserID) async throws -> AccountStatisticsView {
        try await database.read { tx in
            let sessions = ActivityStore.sessions(of: owner)
            let sums = try photos.sums("session_id IN (\(sql: sessions))", tx)
            let total = try tallies.total(ofOwner: owner, tx)
            let count: Int = try tx.first("SELECT COUNT(*) AS sessions FROM (\(sql: sessions)) AS owned")?.get("sessions") ?? 0
            return AccountStatisticsView(
                sessions: count, sums, views: total.views, downloads: total.downloads, entries: try activity.entries(ofOwner: owner, tx))
        }
    }

    /// How many came into a session when.
    /// - Throws: `Problem` 404.
    func chart(of id: SessionID, _ query: EntryChartQuery) async throws -> EntryChart {
        let counts = try await database.read { tx in
            try require(id, tx)
            return try activity.entries(of: id, in: query.slots, tx)
        }
        return query.chart(counts)
    }

    /// A page of who came and what they saved, newest first.
    /// - Throws: `Problem` 404.
    func log(of id: SessionID, after cursor: Cursor?, limit: Int) async throws -> Page<AccessView> {
        let found = try await database.read { tx in
            try require(id, tx)
            return try activity.log(of: id, before: cursor?.key ?? .max, limit: limit + 1, tx)
        }
        return Page(found, limit: limit) { Cursor(key: $0.number, id: String($0.number)) }
    }

    private func require(_ id: SessionID, _ tx: any Transaction) throws {
        guard try SessionStore().find(id, tx) != nil else { throw Problem.notFound("session") }
    }
}

/// Photos added up.
struct PhotoSums: Sendable, Equatable {
    /// Those that are not in the bin.
    var byStatus: [String: Int] = [:]
    /// Those that are not in the bin.
    var byReview: [String: Int] = [:]
    var binned = 0
    /// Of all originals, those in the bin as well.
    var bytes: Int64 = 0
    var likes = 0
    var favourites = 0
}

extension PhotoStore {
    /// Adds up photos, with the originals that they have besides the displayed ones.
    /// - Parameter condition: on `session_id`.
    func sums(_ condition: SQL, _ tx: any Transaction) throws -> PhotoSums {
        var sums = PhotoSums()
        let rows = try tx.query(
            """
            SELECT status, review, COUNT(*) AS photos, COUNT(binned_at) AS binned, CAST(SUM(size) AS BIGINT) AS bytes
            FROM photos WHERE \(sql: condition) GROUP BY status, review
            """)
        for row in rows {
            let binned: Int = try row.get("binned")
            let photos = try row.get("photos", as: Int.self) - binned
            if photos > 0 {
                sums.byStatus[try row.get("status"), default: 0] += photos
                sums.byReview[try row.get("review"), default: 0] += photos
            }
            sums.binned += binned
            sums.bytes += try row.get("bytes", as: Int64.self)
        }
        sums.bytes += try sum("size", of: "companions WHERE \(sql: condition)", tx)
        // By the few that have any.
        sums.likes = Int(try sum("likes", of: "photos WHERE \(sql: condition) AND likes > 0", tx))
        sums.favourites = Int(try sum("favourites", of: "photos WHERE \(sql: condition) AND favourites > 0", tx))
        return sums
    }

    private func sum(_ column: SQL, of source: SQL, _ tx: any Transaction) throws -> Int64 {
        try tx.first("SELECT CAST(COALESCE(SUM(\(sql: column)), 0) AS BIGINT) AS total FROM \(sql: source)")?.get("total") ?? 0
    }

    /// The photos with the most likes or favourites, of those that guests are shown.
    /// - Parameter column: the count.
    func most(_ column: SQL, of session: SessionID, limit: Int, _ tx: any Transaction) throws -> [StatisticsView.MarkCount] {
        try tx.query(
            """
            SELECT id, \(sql: column) AS marks FROM photos
            WHERE session_id = \(session) AND \(sql: column) > 0 AND shown_at IS NOT NULL
            ORDER BY \(sql: column) DESC, id DESC LIMIT \(limit)
            """
        ).map { .init(photoId: try $0.get("id"), count: try $0.get("marks")) }
    }
}
