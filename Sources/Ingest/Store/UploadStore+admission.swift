import Core

/// What is looked at before an upload is begun.
extension UploadStore {
    /// Refuses by throwing, from what it finds in a transaction, where each statement sees what was committed before it: what
    /// is counted has to be locked first. Under a snapshot, one that had to wait for the lock would count as if it had not,
    /// and all but one of many that begin at once would have to be repeated.
    typealias Admit = @Sendable (any Transaction) throws -> Void

    /// Those whose bytes come, are kept, or are being handed over. As it stands in the indexes: a query must say the same.
    private static let isUnderWay: SQL = "state IN ('receiving', 'kept', 'joining', 'completing')"

    /// Partial uploads whose bytes are counted as those of a final one: its length is known, or it has been put together, and
    /// it is there still as a file of its own.
    private static let isCountedElsewhere: SQL = """
        concat = 'partial' AND (
            EXISTS (
                SELECT 1 FROM uploads AS finals WHERE finals.id = uploads.joined_into
                AND (finals.state = 'completing' OR (finals.state = 'completed' AND finals.photo_id = finals.id)))
            OR EXISTS (
                SELECT 1 FROM upload_joins JOIN uploads AS finals ON finals.id = upload_joins.final_id
                WHERE upload_joins.part_id = uploads.id AND finals.state = 'joining' AND finals.length IS NOT NULL))
        """

    /// What there is of somebody's uploads that are no photos yet.
    struct UnderWay: Sendable, Equatable {
        /// Those that take bytes or wait for those of others.
        var open = 0
        var usage = UploadUsage()
    }

    /// Records an upload as completed whose file the session has already.
    /// - Returns: the row; `nil` when there is no such file, or the sender has not said enough to know: nothing is recorded then.
    func insertKnown(_ upload: Upload, by handler: any CompletedUploadHandler) async throws -> Upload? {
        guard upload.concat.isEmpty, let sha256 = upload.declaration.sha256, let length = upload.length else { return nil }
        return try await database.write { tx in
            let photo = try handler.known(sha256: sha256, size: length, in: upload.sessionID, transaction: tx)
            guard let photo else { return nil }
            var known = upload
            (known.state, known.offset, known.photoID, known.isOpen) = (.completed, length, photo, false)
            return try Self.recordKnown(known, sha256: sha256, tx)
        }
    }

    /// What a holder has under way beside some uploads. What rests too long already counts no more.
    func underWay(
        for holder: QuotaHolder, beside ids: [UploadID], at now: Timestamp, _ tx: any Transaction
    ) throws -> UnderWay {
        let theirs: SQL =
            switch holder {
            case .session(let id): "session_id = \(id)"
            case .account(let id): "uploader = \(id)"
            case .grant(let id): "grant_id = \(id)"
            }
        // Nothing is beside a list of none: that compares with NULL.
        let beside: SQL = ids.isEmpty ? "" : "AND id NOT IN \(list: ids)"
        let row = try tx.first(
            """
            SELECT COALESCE(SUM(CASE WHEN state IN ('receiving', 'joining') THEN 1 ELSE 0 END), 0) AS open,
                COALESCE(SUM(CASE WHEN concat = 'partial' THEN 0 ELSE 1 END), 0) AS files,
                CAST(COALESCE(SUM(CASE WHEN \(sql: Self.isCountedElsewhere) THEN 0 ELSE COALESCE(length, synced_offset) END), 0)
                    AS BIGINT) AS bytes
            FROM uploads
            WHERE \(sql: theirs) AND \(sql: Self.isUnderWay) \(sql: beside)
                AND (state NOT IN ('receiving', 'kept') OR expires_at > \(now))
            """)
        guard let row else { return UnderWay() }
        let usage = UploadUsage(files: try row.get("files"), bytes: try row.get("bytes") + promised(theirs, tx))
        return UnderWay(open: try row.get("open"), usage: usage)
    }

    /// Bytes of parts that have been ended, and stay for final uploads which wait for others.
    private func promised(_ theirs: SQL, _ tx: any Transaction) throws -> Int64 {
        let row = try tx.first(
            """
            SELECT CAST(COALESCE(SUM(synced_offset), 0) AS BIGINT) AS bytes FROM uploads
            WHERE id IN (SELECT part_id FROM upload_joins) AND \(sql: theirs) AND state IN ('terminated', 'expired')
                AND cleanup <> '' AND NOT (\(sql: Self.isCountedElsewhere))
            """)
        return try row?.get("bytes") ?? 0
    }

    /// Records the length of a final upload, now that those of all its parts are known.
    /// - Returns: false when it has ended.
    func setLength(_ length: Int64, joining final: UploadID, _ admit: @escaping Admit) async throws -> Bool {
        try await database.write(.readCommitted) { tx in
            try admit(tx)
            return try tx.execute("UPDATE uploads SET length = \(length) WHERE id = \(final) AND state = 'joining'") == 1
        }
    }
}
