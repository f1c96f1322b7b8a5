import Core

/// The SQL of objects that should be there and are not.
struct MissingStore {
    /// What is missing of a session.
    func objects(of session: SessionID, _ tx: any Transaction) throws -> Set<ObjectKey> {
        Set(try tx.query("SELECT object_key FROM missing_objects WHERE session_id = \(session)").map { try $0.get("object_key") })
    }

    /// What of it was looked for last before a time, the longest ago first.
    func objects(of session: SessionID, lookedForBefore time: Timestamp, limit: Int, _ tx: any Transaction) throws -> [MissingObject] {
        try tx.query(
            """
            SELECT object_key, size FROM missing_objects WHERE session_id = \(session) AND looked_at <= \(time)
            ORDER BY looked_at, object_key LIMIT \(limit)
            """
        ).map { MissingObject(objectKey: try $0.get("object_key"), size: try $0.get("size")) }
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
