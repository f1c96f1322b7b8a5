public import NIOCore

/// How long a connection may take over things, and how much it may send before it has said what it wants.
public struct ConnectionLimits: Sendable {
    /// From the first byte of a request (or from accepting the connection) to the end of its head.
    public var head: TimeAmount = .seconds(10)
    /// Between two requests on one connection.
    public var idle: TimeAmount = .seconds(60)
    /// Without a byte of the body although the server is waiting for one.
    public var bodyInactivity: TimeAmount = .seconds(30)
    /// Bytes per second that a body must reach, counted over `bodyRateWindow` of waiting for the client.
    public var minimumBodyRate = 1024
    /// Time spent waiting for body bytes after which their rate is judged. Time in which the server itself does not
    /// read does not count.
    public var bodyRateWindow: TimeAmount = .seconds(30)
    /// Without the socket taking a byte although some are waiting to be sent.
    public var writeStall: TimeAmount = .seconds(60)
    /// Bytes that all answers of one HTTP/2 connection may have waiting for the client for longer than `heldPatience`, unless it
    /// takes a sixty-fourth of them meanwhile.
    public var heldBytes = 1 << 20
    /// See `heldBytes`.
    public var heldPatience: TimeAmount = .seconds(15)
    /// After the last answer, for the client to read it.
    public var linger: TimeAmount = .seconds(1)
    /// Bytes of further input that are thrown away while lingering; after them the socket is no longer read.
    public var lingerBytes = 256 << 10
    /// For deciding about an upgrade.
    public var upgradeDecision: TimeAmount = .seconds(10)
    /// Open connections of one client address. Guests of one place often share one, so this is for floods alone.
    public var connectionsPerAddress = 1024
    /// Bytes of all header fields of a request together.
    public var headerBytes = 16 << 10
    /// Header fields of a request.
    public var headerFields = 100
    /// Bytes of the request target.
    public var targetBytes = 8 << 10

    public init() {}

    /// Bytes that may have arrived of a head that is still incomplete.
    var incompleteHeadBytes: Int { headerBytes + targetBytes + 1024 }
}
