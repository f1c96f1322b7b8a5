import Core

/// A database as its owner holds it, whichever driver it is.
public protocol DatabaseDriver: MigratableDatabase {
    /// Says when another process may have committed something that concerns a channel: at once when the stream is first
    /// read, then after changes, and perhaps at other times. Any number of changes that nobody waited for becomes one.
    /// The stream ends when its reader is cancelled or the database is closed.
    /// - Parameter channel: as given to `Transaction.notify`.
    func changesByOthers(in channel: String) -> AsyncStream<Void>

    /// Lets what was accepted end and closes all connections. Later calls fail; closing again does nothing.
    func close() async throws
}

extension SQLiteDatabase: DatabaseDriver {
    /// SQLite cannot say what was changed, but noticing that something was costs next to nothing.
    public func changesByOthers(in channel: String) -> AsyncStream<Void> { changesByOthers(every: .milliseconds(250)) }
}
