/// Why a WebSocket was closed (RFC 6455 section 7.4). Codes from 3000 on belong to applications and libraries; in the
/// convention followed here those below 3500 ask the client to connect again and those from 3500 on ask it not to.
public struct WebSocketCloseCode: RawRepresentable, Hashable, Sendable {
    /// The number on the wire.
    public let rawValue: UInt16

    /// Takes any number; see `isValidOnWire`.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The purpose is fulfilled.
    public static let normalClosure = WebSocketCloseCode(rawValue: 1000)
    /// The server goes down, or the browser leaves the page.
    public static let goingAway = WebSocketCloseCode(rawValue: 1001)
    /// The peer broke the protocol.
    public static let protocolError = WebSocketCloseCode(rawValue: 1002)
    /// A kind of message (text or binary) that the endpoint does not take.
    public static let unsupportedData = WebSocketCloseCode(rawValue: 1003)
    /// Only reported, never sent: the peer's Close frame had no code.
    public static let noStatus = WebSocketCloseCode(rawValue: 1005)
    /// Only reported, never sent: the transport ended without a Close frame.
    public static let abnormal = WebSocketCloseCode(rawValue: 1006)
    /// A text that is not UTF-8.
    public static let invalidPayload = WebSocketCloseCode(rawValue: 1007)
    /// A rule of the endpoint was broken that has no code of its own.
    public static let policyViolation = WebSocketCloseCode(rawValue: 1008)
    /// A message over the size limit.
    public static let messageTooBig = WebSocketCloseCode(rawValue: 1009)
    /// The server cannot go on.
    public static let internalError = WebSocketCloseCode(rawValue: 1011)
    /// The server is full; another may have room, or this one later.
    public static let tryAgainLater = WebSocketCloseCode(rawValue: 1013)
    /// The client reads more slowly than it is sent to.
    public static let slow = WebSocketCloseCode(rawValue: 3008)
    /// The client did not answer a ping.
    public static let noPong = WebSocketCloseCode(rawValue: 3012)
    /// The client sends more messages than it may.
    public static let tooManyRequests = WebSocketCloseCode(rawValue: 3013)

    /// Whether it asks the client not to connect again by itself.
    public var isFinal: Bool { rawValue >= 3500 }

    /// Whether the code may be in a Close frame (RFC 6455 section 7.4.2 and the IANA registry).
    public var isValidOnWire: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
