public import Core

/// Reads what has become of a session.
public struct StatisticsService: Sendable {
    private static let mostViewed = 20

    let database: any Database
    let grants: any GrantRegistry
    private let tallies = TallyStore()
    private let photos = PhotoStore()

    public init(database: any Database, grants: any GrantRegistry) {
        self.database = database
        self.grants = grants
    }

    /// - Throws: `Problem` 404.
    func statistics(of id: SessionID) async throws -> StatisticsView {
        try await database.read { tx in
            guard try SessionStore().find(id, tx) != nil else { throw Problem.notFound("session") }
            let files = try photos.sizes(of: id, tx)
            let guests = try grants.guestCount(of: id, transaction: tx)
            let (total, byLink) = (try tallies.total(of: id, tx), try tallies.byLink(of: id, tx))
            return StatisticsView(
                photos: Dictionary(uniqueKeysWithValues: files.counts.map { ($0.rawValue, $1) }), bytes: files.bytes,
                views: total.views, downloads: total.downloads, guests: guests.valid, entries: guests.entries,
                links: try ShareLinkStore().list(of: id, after: nil, limit: StatisticsView.mostLinks, tx).map {
                    let count = byLink[$0.id] ?? .init()
                    return .init(id: $0.id, name: $0.name, views: count.views, downloads: count.downloads)
                },
                mostViewed: try tallies.mostViewed(of: id, limit: Self.mostViewed, tx).map {
                    .init(photoId: $0.photo, views: $0.count.views, downloads: $0.count.downloads)
                })
        }
    }
}

extension PhotoStore {
    /// How many photos there are in each status, and the bytes of all originals.
    func sizes(of session: SessionID, _ tx: any Transaction) throws -> (counts: [Photo.Status: Int], bytes: Int64) {
        let rows = try tx.query(
            """
            SELECT status, COUNT(*) AS photos, CAST(SUM(size) AS BIGINT) AS bytes FROM photos
            WHERE session_id = \(session) GROUP BY status
            """)
        let others = try tx.first(
            "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes FROM companions WHERE session_id = \(session)")
        let counts = try rows.map { (try $0.get("status", as: Photo.Status.self), try $0.get("photos", as: Int.self)) }
        let bytes = try rows.reduce(0) { $0 + (try $1.get("bytes", as: Int64.self)) }
        return (Dictionary(uniqueKeysWithValues: counts), bytes + (try others?.get("bytes") ?? 0))
    }
}
