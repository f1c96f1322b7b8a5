import Core

/// What happens to uploads after their last byte, and to those that never get one.
extension UploadStore {
    /// Hands a whole upload over and marks it completed, in one transaction.
    /// - Parameter settler: who must hold the lease; `nil` when there is none.
    /// - Returns: `nil` when it is not completing (any more), or somebody else settles it: nothing has been handed over then.
    func complete(
        _ completed: CompletedUpload, with handler: any CompletedUploadHandler, by settler: String? = nil
    ) async throws -> UploadOutcome? {
        try await database.write { tx in
            let isOurs = try tx.exists(
                """
                SELECT id FROM uploads
                WHERE id = \(completed.id) AND state = 'completing'\(sql: Self.leased(to: settler))
                """)
            guard isOurs else { return nil }
            let outcome = try handler.completed(completed, in: tx)
            let cleanup: UploadCleanup = if case .duplicate = outcome { .object } else { .nothing }
            try tx.execute(
                """
                UPDATE uploads SET state = 'completed', photo_id = \(outcome.photoID), sha256 = \(completed.sha256),
                    crc32 = \(Int64(completed.crc32)), cleanup = \(cleanup), updated_at = \(completed.completedAt)
                WHERE id = \(completed.id)
                """)
            return outcome
        }
    }

    /// Makes some uploads `completing`, or `kept`, that are whole but for saying so: their last request was cut short before
    /// its end was recorded.
    /// - Parameter time: only those that have rested since, for that request may still be running.
    /// - Returns: how many.
    func completeWhole(restingSince time: Timestamp, at now: Timestamp, limit: Int) async throws -> Int {
        try await database.write { tx in
            try tx.execute(
                """
                UPDATE uploads SET state = \(sql: Self.whole), generation = generation + 1, updated_at = \(now)
                WHERE id IN (
                    SELECT id FROM uploads
                    WHERE state = 'receiving' AND length = synced_offset AND is_open = 0 AND updated_at < \(time) AND expires_at > \(now)
                    ORDER BY id LIMIT \(limit))
                """)
        }
    }

    /// Gives an upload to whoever settles it, or renews that.
    /// - Parameter abandoned: a lease that may be taken away, if it still is what it was.
    /// - Returns: false while somebody else has it.
    func lease(
        _ id: UploadID, to settler: String, from abandoned: LeaseMark? = nil, at now: Timestamp
    ) async throws -> Bool {
        try await database.write { tx in
            try tx.execute(
                """
                UPDATE uploads SET settler = \(settler), settle_until = \(now)
                WHERE id = \(id) AND (settler = \(settler) OR settle_until = \(LeaseMark.givenBack)
                    OR (settler = \(abandoned?.settler ?? settler) AND settle_until = \(abandoned?.renewedAt ?? now)))
                """) == 1
        }
    }

    /// The leases of some unsettled uploads, the oldest first.
    func leases(limit: Int) async throws -> [UploadID: LeaseMark] {
        try await database.read { tx in
            let rows = try tx.query(
                """
                SELECT id, settler, settle_until FROM uploads WHERE state = 'completing' OR cleanup <> ''
                    OR (state = 'joining' AND (settler = '' OR settle_until <> \(LeaseMark.givenBack)))
                ORDER BY id LIMIT \(limit)
                """)
            let marks = try rows.map { row in
                (try row.get("id") as UploadID, LeaseMark(settler: try row.get("settler"), renewedAt: try row.get("settle_until")))
            }
            return Dictionary(marks) { first, _ in first }
        }
    }

    /// Ends a lease.
    func release(_ id: UploadID, by settler: String) async throws {
        try await database.write { tx in
            _ = try tx.execute("UPDATE uploads SET settle_until = \(LeaseMark.givenBack) WHERE id = \(id) AND settler = \(settler)")
        }
    }

    /// Holds a statement to the lease, where there is one.
    static func leased(to settler: String?) -> SQL {
        guard let settler else { return "" }
        return " AND settler = \(settler)"
    }

    /// Records that nothing is left to be removed.
    func cleaned(_ id: UploadID) async throws {
        try await database.write { tx in
            _ = try tx.execute("UPDATE uploads SET cleanup = '' WHERE id = \(id) AND state <> 'completing'")
        }
    }

    /// A page of uploads that wait to be handed over or still owe a removal, in id order, but for
    /// those that a node is settling.
    func unsettled(after id: String, limit: Int) async throws -> [UploadID] {
        try await database.read { tx in
            try tx.query(
                """
                SELECT id FROM uploads
                WHERE id > \(id) AND (state = 'completing' OR cleanup <> '') AND settle_until = \(LeaseMark.givenBack)
                ORDER BY id LIMIT \(limit)
                """
            ).map { try $0.get("id") }
        }
    }

    /// A page of receiving uploads of known length, in id order.
    func receiving(after id: String, limit: Int) async throws -> [Upload] {
        try await database.read { tx in
            try tx.query(
                """
                SELECT \(sql: Self.columns) FROM uploads
                WHERE state = 'receiving' AND length IS NOT NULL AND id > \(id) ORDER BY id LIMIT \(limit)
                """
            ).map(Upload.init)
        }
    }

    /// Marks some uploads expired that rested too long.
    /// - Returns: how many; fewer than `limit` means there are no more.
    func expire(at now: Timestamp, limit: Int) async throws -> [UploadID] {
        try await database.write { tx in
            let ids: [UploadID] = try tx.query(
                "SELECT id FROM uploads WHERE state IN ('receiving', 'kept') AND expires_at <= \(now) ORDER BY id LIMIT \(limit)"
            ).map { try $0.get("id") }
            if ids.isEmpty { return [] }
            try tx.execute(
                """
                UPDATE uploads SET state = 'expired', cleanup = 'file', generation = generation + 1, updated_at = \(now)
                WHERE id IN \(list: ids)
                """)
            return ids
        }
    }

    /// Forgets some ended uploads.
    /// - Returns: how many.
    func prune(endedBefore time: Timestamp, limit: Int) async throws -> Int {
        try await database.write { tx in
            try tx.execute(
                """
                DELETE FROM uploads WHERE id IN (
                    SELECT id FROM uploads WHERE updated_at < \(time) AND cleanup = ''
                        AND state IN ('completed', 'failed', 'expired', 'terminated')
                    ORDER BY updated_at LIMIT \(limit))
                """)
        }
    }
}
