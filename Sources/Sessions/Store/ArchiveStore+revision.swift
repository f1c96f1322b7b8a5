import Core

// What tells whether anything in archives of a session has changed.
extension ArchiveStore {
    /// Counts and sums of everything that archives are made of. Some hundreds of bytes, however many photos there are.
    func revision(of session: SessionID, _ tx: any Transaction) throws -> String {
        let photos = try tx.query(
            """
            SELECT status, COALESCE(recipe, '') AS made_by, COUNT(*), COUNT(shown_at), COUNT(ready_at), COUNT(binned_at),
                CAST(SUM(COALESCE(binned_at, 0)) AS BIGINT),
                CAST(SUM(created_at) AS BIGINT), CAST(SUM(COALESCE(shown_at, 0)) AS BIGINT), CAST(SUM(COALESCE(ready_at, 0)) AS BIGINT),
                CAST(SUM(size) AS BIGINT), CAST(SUM(crc32) AS BIGINT)
            FROM photos WHERE session_id = \(session) GROUP BY status, COALESCE(recipe, '') ORDER BY status, made_by
            """)
        let companions = try tx.query(
            """
            SELECT 'companions', '', COUNT(*), CAST(COALESCE(SUM(created_at), 0) AS BIGINT), CAST(COALESCE(SUM(size), 0) AS BIGINT),
                CAST(COALESCE(SUM(crc32), 0) AS BIGINT)
            FROM companions WHERE session_id = \(session)
            """)
        // One may be back and another gone: there are as many of them then.
        let missing = try tx.query(
            """
            SELECT COALESCE(MIN(object_key), ''), COALESCE(MAX(object_key), ''), COUNT(*), CAST(COALESCE(SUM(size), 0) AS BIGINT)
            FROM missing_objects WHERE session_id = \(session)
            """)
        return try (photos.map { try Self.text($0, columns: 12) } + companions.map { try Self.text($0, columns: 6) }
            + missing.map { try Self.text($0, columns: 4) }).joined(separator: "\n")
    }

    private static func text(_ row: Row, columns: Int) throws -> String {
        let names = try (0..<2).map { try row.get(at: $0, as: String.self) }
        return try (names + (2..<columns).map { String(try row.get(at: $0, as: Int64.self)) }).joined(separator: " ")
    }
}
