import NIOCore

/// The limits and times of Engine.IO sessions. All numbers have to be above zero.
public struct EngineConfiguration: Sendable {
    /// From a pong, or the opening, to the next ping. Told to the client.
    public var pingInterval = TimeAmount.seconds(25)
    /// From a ping to the moment by which the pong has to be there. Told to the client.
    public var pingTimeout = TimeAmount.seconds(20)
    /// Bytes of one WebSocket message or one polling body from the client. Told to the client.
    public var maxPayload = 64 * 1024
    /// Packets in one polling body.
    public var maxPacketsPerPayload = 1024
    /// From the arrival of a second transport to the moment at which it is given up if the client has not switched to it.
    public var upgradeTimeout = TimeAmount.seconds(10)
    /// From the opening of a session that polls to its first poll; without one it is dropped.
    public var firstPollTimeout = TimeAmount.seconds(10)
    /// How long the last packets of a session that ended wait for the poll that fetches them.
    public var farewellTimeout = TimeAmount.seconds(10)
    /// Sessions at a time; more are refused.
    public var maxSessions = 200_000
    /// Sessions at a time of those who are counted as one, see `EngineOpening.countedAs`; more are refused. Guests of one place
    /// often share an address, so this is for floods alone.
    public var maxSessionsPerAddress = 1024
    /// Bytes that may wait for a client that reads slowly; more ends its session. Each packet counts 64 bytes more than it has.
    public var maxQueuedBytes = 1 << 20
    /// Keys of latest-only packets that may wait; beyond, the oldest is dropped.
    public var maxLatestKeys = 64
    /// Inbound packets per second in the long run.
    public var packetsPerSecond = 50
    /// How many of them may come at once. Over it a WebSocket is read more slowly, and twice as many at once end the session; a
    /// polling client waits for the answer to what it sent until it is within the rate again.
    public var packetBurst = 200
    /// How messages on WebSockets are compressed where a handshake has agreed on it.
    public var compression: PermessageDeflate.Configuration?
    /// Counts what slow readers are not given.
    public var tally: OutboundTally?

    /// The defaults.
    public init() {}

    /// The WebSocket configuration that fits. Pings of Engine.IO take the place of those of the WebSocket.
    public var webSocket: WebSocketConfiguration {
        var configuration = WebSocketConfiguration()
        configuration.maxMessageBytes = maxPayload
        configuration.messagesPerSecond = packetsPerSecond
        configuration.messageBurst = packetBurst
        configuration.maxQueuedBytes = maxQueuedBytes
        configuration.maxLatestKeys = maxLatestKeys
        configuration.pingInterval = .hours(24)
        configuration.compression = compression
        configuration.tally = tally
        return configuration
    }

    /// The JSON of the open packet.
    func handshake(id: String, canUpgrade: Bool) -> ByteBuffer {
        ByteBuffer(
            string: #"{"sid":"\#(id)","upgrades":[\#(canUpgrade ? #""websocket""# : "")],"#
                + #""pingInterval":\#(pingInterval.nanoseconds / 1_000_000),"#
                + #""pingTimeout":\#(pingTimeout.nanoseconds / 1_000_000),"maxPayload":\#(maxPayload)}"#)
    }
}
