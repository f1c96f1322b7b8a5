import NIOCore

/// The limits and times of a WebSocket. All numbers have to be above zero.
public struct WebSocketConfiguration: Sendable {
    /// Bytes of one inbound message, all its fragments together and inflated; more is closed with 1009.
    public var maxMessageBytes = 64 * 1024
    /// Fragments of one inbound message; more is closed with 1008.
    public var maxFragments = 128
    /// Inbound messages (and control frames) per second in the long run. Over it the socket is read more slowly.
    public var messagesPerSecond = 50
    /// How many of them may come at once before reading slows down; twice as many at once are closed with 3013.
    public var messageBurst = 100
    /// Between two pings.
    public var pingInterval = TimeAmount.seconds(25)
    /// From a ping to the moment by which something has to be heard; else the connection is closed with 3012.
    public var pongTimeout = TimeAmount.seconds(8)
    /// From our Close frame to the moment at which the transport is closed if the peer has not done so.
    public var closeTimeout = TimeAmount.seconds(5)
    /// Bytes that may wait for a client that reads slowly; more is closed with 3008. Each frame counts 64 bytes more than it has.
    public var maxQueuedBytes = 1 << 20
    /// Keys of latest-only frames that may wait; beyond, the oldest is dropped.
    public var maxLatestKeys = 64
    /// How messages are compressed where a handshake has agreed on it.
    public var compression: PermessageDeflate.Configuration?
    /// Counts what slow readers are not given.
    public var tally: OutboundTally?

    /// The defaults.
    public init() {}
}
