/// How a PostgreSQL server is used.
public struct PostgresConfiguration: Sendable {
    /// Connections at most, besides the one that listens for changes.
    public var connections = 10
    /// How long a call waits for a connection before it fails with code `busy`.
    public var acquireTimeout: Duration = .seconds(5)
    /// Calls that may wait for a connection; the next one fails with code `busy`.
    public var waitingLimit = 1024
    /// After how long without work a connection is closed; `nil` for never.
    public var idleTimeout: Duration? = .seconds(300)
    /// After how long a connection is replaced by a new one, so that a fleet spreads anew; `nil` for never.
    public var maxLifetime: Duration?
    /// How long one attempt to connect may take; whole seconds, at least two.
    public var connectTimeout: Duration = .seconds(5)
    /// How long `open` goes on trying to reach a server that does not answer or is starting.
    public var openDeadline: Duration = .seconds(15)
    /// How long a statement may run, on the server. Migrations are exempt.
    public var statementTimeout: Duration = .seconds(30)
    /// After how long between two statements of a write the server takes it that the node has died. Bodies wait for nothing,
    /// so they take a tiny part of that.
    public var stallTimeout: Duration = .seconds(10)
    /// How long a write whose caller was cancelled may go on to its end before it is stopped and rolled back.
    public var cancellationGrace: Duration = .seconds(1)
    /// Statements that a connection keeps prepared.
    public var preparedStatements = 256
    /// How often a write begins anew after a serialization failure or a deadlock before it fails with code `busy`.
    public var retries = 16
    /// Between two wake-ups of those who follow a channel when nothing was notified.
    public var changePoll: Duration = .seconds(2)
    /// What the server shows in `pg_stat_activity`, unless the URL says otherwise.
    public var applicationName = "lumiere"

    public init() {}
}
