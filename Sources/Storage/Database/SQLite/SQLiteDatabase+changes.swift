import Core
import GRDB

extension SQLiteDatabase {
    /// Says when another process has committed something: at once when the stream is first read, then after changes.
    ///
    /// The question is asked only while somebody waits for the next element, so any number of changes in between
    /// becomes one. It is put to the writer connection, for which our own writes do not count.
    /// The stream ends when its reader is cancelled or the database is closed.
    /// - Parameter interval: the time between two looks (microseconds of the writer's time each).
    public func changesByOthers(every interval: Duration) -> AsyncStream<Void> {
        let watch = ChangeWatch(self, interval)
        return AsyncStream { await watch.next() }
    }

    /// SQLite's counter of commits by other connections.
    fileprivate func dataVersion() async throws -> Int64? {
        try await withCheckedThrowingContinuation { continuation in
            pool.asyncWriteWithoutTransaction { connection in
                continuation.resume(with: Result {
                    try Int64.fetchOne(connection.cachedStatement(sql: "PRAGMA data_version"))
                })
            }
        }
    }
}

/// Remembers the last version seen, for one stream.
private actor ChangeWatch {
    private let database: SQLiteDatabase
    private let interval: Duration
    private var seen: Int64?

    init(_ database: SQLiteDatabase, _ interval: Duration) {
        self.database = database
        self.interval = interval
    }

    /// Waits for a change; `nil` ends the stream.
    func next() async -> Void? {
        while !Task.isCancelled {
            do {
                let version = try await database.dataVersion()
                if version != seen {
                    seen = version
                    return ()
                }
                try await Task.sleep(for: interval)
            } catch let error as GRDB.DatabaseError where error.resultCode == .SQLITE_BUSY {
                continue  // SQLite has waited already, see `busyTimeout`.
            } catch {
                return nil
            }
        }
        return nil
    }
}
