public import Core
public import Foundation

/// Reads what a session consists of, to be written down elsewhere. What lies in the bin stays behind.
public struct SessionExporter: Sendable {
    private let database: any Database
    private let clock: any WallClock
    private let sessions = SessionStore()
    private let photos = PhotoStore()
    private let companions = CompanionStore()
    private let links = ShareLinkStore()

    /// Links that are told of at most.
    private static let mostLinks = 1000

    public init(database: any Database, clock: any WallClock) { (self.database, self.clock) = (database, clock) }

    /// A photo and where its files lie, in the order of its document.
    public struct Item: Sendable {
        public var document: PhotoDocument
        public var keys: [ObjectKey]
    }

    /// How much there is.
    public struct Extent: Sendable, Equatable {
        public var files = 0
        /// Of these files.
        public var bytes: Int64 = 0
    }

    /// The session of that id or access code.
    /// - Throws: `Problem` 404.
    public func session(named name: String) async throws -> SessionDocument {
        try await database.read { tx in
            let byID = try SessionID(name).flatMap { try sessions.find($0, tx) }
            let byCode = try (try? AccessCode.key(name)).flatMap { try sessions.find(accessKey: $0, tx) }
            guard let session = byID ?? byCode else { throw Problem.notFound("session") }
            return SessionDocument(
                session, links: try links.list(of: session.id, after: nil, limit: Self.mostLinks, tx), at: clock.now())
        }
    }

    /// All files of a session.
    public func extent(of session: SessionID) async throws -> Extent {
        try await database.read { tx in
            let row = try tx.first(
                """
                SELECT COUNT(*) AS files, COALESCE(SUM(size), 0) AS bytes FROM (
                    SELECT size FROM photos WHERE session_id = \(session) AND binned_at IS NULL
                    UNION ALL
                    SELECT companions.size FROM companions JOIN photos ON photos.id = companions.photo_id
                    WHERE companions.session_id = \(session) AND photos.binned_at IS NULL
                ) AS originals
                """)
            return try row.map { Extent(files: try $0.get("files"), bytes: try $0.get("bytes")) } ?? Extent()
        }
    }

    /// Some photos in the order of their ids, which is that in which they came.
    /// - Parameter last: of the page before; `nil` for the first.
    public func photos(of session: SessionID, after last: PhotoID?, limit: Int) async throws -> [Item] {
        try await database.read { tx in
            let found = try photos.inOrder(of: session, after: last, limit: limit, tx)
            let others = try companions.of(found.map(\.id), tx)
            return found.map { photo in
                let companions = others[photo.id] ?? []
                return Item(document: PhotoDocument(photo, companions), keys: [photo.originalKey] + companions.map(\.objectKey))
            }
        }
    }

    /// The picture that the session's watermark draws.
    public func watermarkPicture(of document: SessionDocument) async throws -> Data? {
        guard let name = document.settings.watermark?.picture else { return nil }
        return try await database.read { try WatermarkPictureStore().picture(name, of: document.id, transaction: $0) }
    }
}

extension PhotoStore {
    /// Those that are not in the bin, oldest first.
    fileprivate func inOrder(of session: SessionID, after last: PhotoID?, limit: Int, _ tx: any Transaction) throws -> [Photo] {
        try tx.query(
            """
            SELECT \(sql: Self.columns) FROM photos
            WHERE session_id = \(session) AND binned_at IS NULL AND id > \(last?.description ?? "") ORDER BY id LIMIT \(limit)
            """
        ).map(photo)
    }
}
