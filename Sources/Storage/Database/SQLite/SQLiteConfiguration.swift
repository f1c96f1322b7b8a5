/// How a SQLite file is opened.
public struct SQLiteConfiguration: Sendable {
    /// What a process is to the file it opens.
    public enum Role: Sendable {
        /// The one process that checkpoints: the server, or whoever works alone on the file.
        case owner
        /// A command beside a running server: reads and writes, never checkpoints.
        case guest
    }

    public var role: Role
    /// Connections that read side by side.
    public var readers = 4
    /// How long SQLite itself waits for another process's lock before it reports busy.
    public var busyTimeout: Duration = .seconds(5)
    /// How long a write is tried again when the lock does not come free.
    public var writeDeadline: Duration = .seconds(10)
    /// Writes, and separately reads, that may wait; the next one fails with code `busy`.
    public var waitingLimit = 4096
    /// Write bodies that share one commit, see `CommitQueue`.
    public var bodiesPerCommit = 64
    /// A commit takes in no further bodies once those it has took this long.
    public var commitWindow: Duration = .milliseconds(20)

    public init(role: Role = .owner) { self.role = role }
}
