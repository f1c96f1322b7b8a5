import Core

/// The SQL of objects that should be there and are not.
struct MissingStore {
    /// Objects that are looked for at a time.
    static let maximumDoubts = 16

    /// What is missing of a session, and what of it may be back, the longest missed first.
    func objects(of session: SessionID, at now: Timestamp, _ tx: any Transaction) throws -> (keys: Set<ObjectKey>, doubts: [MissingObject]) {
        let rows = try tx.query(
            "SELECT object_key, size, looked_at FROM missing_objects WHERE session_id = \(session) ORDER BY looked_at, object_key")
        let doubts = try rows.prefix(Self.maximumDoubts).filter { try $0.get("looked_at") <= now - MissingObject.doubt }
            .map { MissingObject(objectKey: try $0.get("object_key"), size: try $0.get("size")) }
        return (Set(try rows.map { try $0.get("object_key") }), doubts)
    }

    /// Whether an object is one that was uploaded, and has not been removed.
    func isOriginal(_ object: ObjectKey, _ original: OriginalID, _ tx: any Transaction) throws -> Bool {
        try tx.exists(
            """
            SELECT original_id FROM photos WHERE original_id = \(original) AND original_key = \(object)
            UNION ALL SELECT id FROM companions WHERE id = \(original) AND object_key = \(object)
            """)
    }

    func add(_ objects: [MissingObject], of session: SessionID, at now: Timestamp, _ tx: any Transaction) throws {
        for object in objects {
            try tx.execute(
                """
                INSERT INTO missing_objects (object_key, session_id, size, looked_at)
                VALUES (\(object.objectKey), \(session), \(object.size), \(now))
                ON CONFLICT (object_key) DO UPDATE SET looked_at = excluded.looked_at
                """)
        }
    }

    func remove(_ objects: [ObjectKey], _ tx: any Transaction) throws {
        for object in objects { try tx.execute("DELETE FROM missing_objects WHERE object_key = \(object)") }
    }
}
