/// How Redis is used. Times and bounds have working defaults.
public struct RedisConfiguration: Sendable {
    public var url: RedisURL
    /// A PEM file of the authorities to trust for TLS; the system's when `nil`.
    public var authorities: String?
    /// Until a connection stands, and until a reply comes.
    public var timeout: Duration = .seconds(2)
    /// Between two looks whether a connection still lives, and with sentinels whether the master is still the same.
    public var beat: Duration = .seconds(2)
    /// Commands under way on a connection, and their bytes.
    public var maxCommands = 1024
    public var maxCommandBytes = 16 * 1024 * 1024
    /// Bytes of one reply; a bigger one ends the connection.
    public var maxReplyBytes = 4 * 1024 * 1024
    /// Bytes of durable events in one message between nodes.
    public var maxMessageBytes = 256 * 1024
    /// Between two looks into the outbox that nothing asked for: while messages come, and while Redis is away.
    public var poll: Duration = .seconds(1)
    public var pollWithoutRedis: Duration = .milliseconds(100)
    /// After how long a dead node's members have left, and how often a living one says that they have not.
    public var presenceExpiry: Duration = .seconds(10)
    public var presenceBeat: Duration = .seconds(3)

    public init(url: RedisURL) { self.url = url }
}
