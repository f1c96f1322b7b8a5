import CFiles
import Core
import GRDB

/// A database as its owner holds it, whichever driver it is.
public protocol DatabaseDriver: MigratableDatabase {
    /// Says when another process may have committed something that concerns a channel: at once when the stream is first
    /// read, then after changes, and perhaps at other times. Any number of changes that nobody waited for becomes one.
    /// The stream ends when its reader is cancelled or the database is closed.
    /// - Parameter channel: as given to `Transaction.notify`.
    func changesByOthers(in channel: String) -> AsyncStream<Void>

    /// Tells a database from what was put in its place out of a backup: the same for as long as it lives, another one for a
    /// copy. A copy that overwrites a file in place, or that the machine's disk went back to, cannot be told.
    /// - Returns: `nil` when this place does not say.
    /// - Throws: `DatabaseError`.
    func identity() async throws -> String?

    /// Lets what was accepted end and closes all connections. Later calls fail; closing again does nothing.
    func close() async throws
}

extension SQLiteDatabase: DatabaseDriver {
    /// The file's number, and when it came into being.
    public func identity() async throws -> String? {
        try await onOwnThread { [path = pool.path] in
            var identity = CFilesIdentity()
            guard cfiles_identity(path, &identity) == 0 else { return nil }
            return "file:\(identity.inode):\(identity.seconds).\(identity.nanoseconds)"
        }
    }

    /// SQLite cannot say what was changed, but noticing that something was costs next to nothing.
    public func changesByOthers(in channel: String) -> AsyncStream<Void> { changesByOthers(every: .milliseconds(250)) }
}
