public import Core

/// The rendition table.
public struct RenditionStore: Sendable, RenditionCatalog {
    private let clock: any WallClock

    /// A store that reads the time from a clock.
    public init(clock: any WallClock = SystemWallClock()) { self.clock = clock }

    /// Records a stored file, in place of what was recorded under the same name before.
    /// - Returns: the object of what was recorded before, if it is another one: it can go after the commit.
    @discardableResult
    func put(_ rendition: Rendition, of session: SessionID, in transaction: any Transaction) throws -> ObjectKey? {
        let replaced = try transaction.first(
            """
            SELECT * FROM renditions WHERE original_id = \(rendition.originalID) AND recipe = \(rendition.recipe)
                AND name = \(rendition.name) AND format = \(rendition.format) AND object_key <> \(rendition.objectKey)
            """).map(Self.rendition)
        try transaction.execute(
            """
            INSERT INTO renditions (
                original_id, recipe, name, format, session_id, width, height, size, sha256, crc32, object_key, created_at
            ) VALUES (
                \(rendition.originalID), \(rendition.recipe), \(rendition.name), \(rendition.format), \(session),
                \(rendition.width), \(rendition.height), \(rendition.size), \(rendition.sha256),
                \(rendition.crc32.map(Int64.init)), \(rendition.objectKey), \(clock.now())
            ) ON CONFLICT (original_id, recipe, name, format) DO UPDATE SET
                width = excluded.width, height = excluded.height, size = excluded.size, sha256 = excluded.sha256,
                crc32 = excluded.crc32, object_key = excluded.object_key
            """)
        return replaced.flatMap(Self.ownObject)
    }

    /// Forgets what other recipes made of an original, and what was made beside this one because somebody wished for it;
    /// says which objects can go after the commit.
    func removeOthers(
        of original: OriginalID, keeping recipe: Recipe, in transaction: any Transaction
    ) throws -> [ObjectKey] {
        let wished: SQL = recipe.formats.contains(.avif) ? "" : "OR format = \(MediaFormat.avif)"
        return try remove(
            where: "original_id = \(original) AND (recipe <> \(recipe.hash) \(sql: wished))", in: transaction)
    }

    /// Forgets the ways to play an original that one has come in the place of, and says which objects can go after the commit.
    func removeStreams(
        of original: OriginalID, _ recipe: String, but format: MediaFormat, in transaction: any Transaction
    ) throws -> [ObjectKey] {
        try remove(
            where: """
                original_id = \(original) AND recipe = \(recipe) AND name = \(RenditionName.stream) AND format <> \(format)
                """, in: transaction)
    }

    /// Streams that are originals themselves are named too: the session is gone, and they go with it.
    public func objects(of session: SessionID, limit: Int, transaction: any Transaction) throws -> [ObjectKey] {
        try transaction.query("SELECT object_key FROM renditions WHERE session_id = \(session) LIMIT \(limit)")
            .map { try $0.get("object_key") }
    }

    /// Of at most some hundreds of objects.
    public func forget(_ objects: [ObjectKey], of session: SessionID, in transaction: any Transaction) throws {
        try transaction.execute(
            "DELETE FROM renditions WHERE session_id = \(session) AND object_key IN \(list: objects)")
    }

    public func forget(_ renditions: [Rendition], in transaction: any Transaction) throws -> [ObjectKey] {
        for rendition in renditions {
            try transaction.execute(
                """
                DELETE FROM renditions WHERE original_id = \(rendition.originalID) AND recipe = \(rendition.recipe)
                    AND name = \(rendition.name) AND format = \(rendition.format)
                """)
        }
        return renditions.compactMap(Self.ownObject)
    }

    /// All renditions of some originals, small to large.
    public func renditions(
        of originals: [OriginalID], transaction: any Transaction
    ) throws -> [OriginalID: [Rendition]] {
        var found: [OriginalID: [Rendition]] = [:]
        for start in stride(from: 0, to: originals.count, by: Self.batch) {
            let some = Array(originals[start..<min(start + Self.batch, originals.count)])
            let rows = try transaction.query(
                """
                SELECT * FROM renditions WHERE original_id IN \(list: some)
                ORDER BY width * height, name, format
                """)
            for rendition in try rows.map(Self.rendition) { found[rendition.originalID, default: []].append(rendition) }
        }
        return found
    }

    private func remove(where condition: SQL, in transaction: any Transaction) throws -> [ObjectKey] {
        let rows = try transaction.query("SELECT * FROM renditions WHERE \(sql: condition)")
        try transaction.execute("DELETE FROM renditions WHERE \(sql: condition)")
        return try rows.map(Self.rendition).compactMap(Self.ownObject)
    }

    /// A stream that is the original itself is not ours to remove.
    private static func ownObject(of rendition: Rendition) -> ObjectKey? {
        rendition.objectKey == .original(rendition.originalID) ? nil : rendition.objectKey
    }

    static func rendition(_ row: Row) throws -> Rendition {
        Rendition(
            originalID: try row.get("original_id"), name: try row.get("name"), format: try row.get("format"),
            recipe: try row.get("recipe"), width: try row.get("width"), height: try row.get("height"),
            size: try row.get("size"), sha256: try row.get("sha256"),
            crc32: try row.optional("crc32", as: Int64.self).map(UInt32.init(truncatingIfNeeded:)), objectKey: try row.get("object_key"))
    }

    /// Originals per statement, well below both databases' limits on bound values.
    static let batch = 500
}
