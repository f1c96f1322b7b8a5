import Core

/// The SQL of final uploads and their parts.
extension UploadStore {
    /// What became of a final upload's row.
    enum FinalInsertion: Sendable, Equatable {
        case inserted
        /// Its uploader has too many open uploads.
        case tooMany
        /// No partial upload that may be used.
        case noPart(Int)
    }

    /// Records a final upload and what it consists of; its parts have been used, and are kept for as long as it is new.
    /// - Parameters:
    ///   - now: by which parts may have expired.
    ///   - admit: decides in the same transaction, and locks what it counts.
    func insert(
        _ final: Upload, of parts: [UploadID], limit: Int, at now: Timestamp, _ admit: @escaping Admit
    ) async throws -> FinalInsertion {
        try await database.write(.readCommitted) { tx in
            guard try Self.hasRoom(final, limit: limit, tx) else { return .tooMany }
            if let index = try Self.unusable(parts, by: final, at: now, tx) { return .noPart(index) }
            try admit(tx)
            // From here on none of them can end without knowing of this one.
            try tx.execute(
                """
                UPDATE uploads
                SET expires_at = CASE WHEN expires_at < \(final.expiresAt) THEN \(final.expiresAt) ELSE expires_at END
                WHERE id IN \(list: parts)
                """)
            if let index = try Self.unusable(parts, by: final, at: now, tx) { return .noPart(index) }
            try Self.insert(final, tx)
            for (position, part) in parts.enumerated() {
                try tx.execute(
                    "INSERT INTO upload_joins (final_id, position, part_id) VALUES (\(final.id), \(position), \(part))")
            }
            return .inserted
        }
    }

    /// The first of a final upload's parts that it cannot use.
    private static func unusable(_ parts: [UploadID], by final: Upload, at now: Timestamp, _ tx: any Transaction) throws -> Int? {
        try find(parts, tx).firstIndex { !final.canUse($0, at: now) }
    }

    /// Uploads in that order; `nil` for those that are not there.
    func find(_ ids: [UploadID]) async throws -> [Upload?] {
        try await database.read { tx in try Self.find(ids, tx) }
    }

    private static func find(_ ids: [UploadID], _ tx: any Transaction) throws -> [Upload?] {
        if ids.isEmpty { return [] }
        let rows = try tx.query("SELECT \(sql: columns) FROM uploads WHERE id IN \(list: ids)").map(Upload.init)
        let known = Dictionary(rows.map { ($0.id, $0) }) { first, _ in first }
        return ids.map { known[$0] }
    }

    /// The parts of a final upload that is not whole yet, in their order; `nil` for those that are not known any more.
    func parts(of final: UploadID) async throws -> [Upload?] {
        try await database.read { tx in
            let rows = try tx.query("SELECT part_id FROM upload_joins WHERE final_id = \(final) ORDER BY position")
            return try Self.find(try rows.map { try $0.get("part_id") }, tx)
        }
    }

    /// Final uploads that wait for a part.
    func finals(waitingFor part: UploadID) async throws -> [UploadID] {
        try await database.read { tx in
            try tx.query("SELECT DISTINCT final_id FROM upload_joins WHERE part_id = \(part) ORDER BY final_id LIMIT 1000")
                .map { try $0.get("final_id") }
        }
    }

    /// Whether the bytes of a part are still needed.
    func isNeeded(_ part: UploadID) async throws -> Bool {
        try await database.read { tx in try tx.exists("SELECT final_id FROM upload_joins WHERE part_id = \(part)") }
    }

    /// A page of final uploads none of whose parts still grows, or one of them never will be whole, in id order, but for those
    /// another node has at hand.
    func joinable(after id: String, limit: Int) async throws -> [UploadID] {
        try await database.read { tx in
            try tx.query(
                """
                SELECT id FROM uploads WHERE state = 'joining' AND id > \(id) AND settle_until = \(LeaseMark.givenBack)
                AND (NOT EXISTS (
                    SELECT 1 FROM upload_joins JOIN uploads AS parts ON parts.id = upload_joins.part_id
                    WHERE upload_joins.final_id = uploads.id AND parts.state = 'receiving')
                OR EXISTS (
                    SELECT 1 FROM upload_joins LEFT JOIN uploads AS parts ON parts.id = upload_joins.part_id
                    WHERE upload_joins.final_id = uploads.id AND (parts.id IS NULL OR parts.state = 'failed' OR (
                        parts.state IN ('expired', 'terminated')
                        AND (parts.length IS NULL OR parts.length <> parts.synced_offset)))))
                ORDER BY id LIMIT \(limit)
                """
            ).map { try $0.get("id") }
        }
    }

    /// Records how far a final upload is put together.
    /// - Returns: false when it has ended, or somebody else does it now.
    func checkpoint(joining mark: UploadMark, of final: UploadID, by settler: String?) async throws -> Bool {
        try await database.write { tx in
            try tx.execute(
                """
                UPDATE uploads SET synced_offset = \(mark.offset), parts = \(mark.parts)
                WHERE id = \(final) AND state = 'joining'\(sql: Self.leased(to: settler))
                """) == 1
        }
    }

    /// Records that a final upload is whole; its parts rest for a while longer, in case they are used again.
    /// - Returns: false when it has ended, or somebody else does it now.
    func joined(
        _ mark: UploadMark, of final: Upload, by settler: String?, at now: Timestamp, keepingPartsUntil end: Timestamp
    ) async throws -> Bool {
        try await database.write { tx in
            let changed = try tx.execute(
                """
                UPDATE uploads SET state = 'completing', length = \(mark.offset), synced_offset = \(mark.offset),
                    parts = \(mark.parts), updated_at = \(now)
                WHERE id = \(final.id) AND state = 'joining'\(sql: Self.leased(to: settler))
                """)
            guard changed == 1 else { return false }
            try tx.execute(
                """
                UPDATE uploads SET joined_into = \(final.id), expires_at = CASE WHEN expires_at > \(end) THEN \(end) ELSE expires_at END
                WHERE state = 'kept' AND id IN (SELECT part_id FROM upload_joins WHERE final_id = \(final.id))
                """)
            try Self.forgetParts(of: final.id, tx)
            return true
        }
    }

    /// Of a final upload that needs its parts no longer.
    static func forgetParts(of final: UploadID, _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM upload_joins WHERE final_id = \(final)")
    }
}

extension Upload {
    /// Whether a new final upload may use that one as a part of its own.
    func canUse(_ part: Upload?, at now: Timestamp) -> Bool {
        guard let part, part.isPartial, part.sessionID == sessionID, part.uploader == uploader else { return false }
        return [.receiving, .kept].contains(part.state) && !part.isGone(at: now)
    }
}
