/// Why a session ended.
public enum EngineCloseReason: Sendable, Equatable {
    /// The client said so.
    case client
    /// The owner closed it.
    case server(WebSocketCloseCode, String)
    /// The WebSocket ended, with the peer's code or ours.
    case webSocket(WebSocketCloseCode)
    /// Polling went wrong: two requests of a kind at a time, or one that was cut off.
    case polling
    /// No pong came in time.
    case pingTimeout
    /// What the client sent is no packet, or one that only a server sends.
    case malformed
    /// The client reads more slowly than it is sent to.
    case slow
    /// The client sends more than it may.
    case flood

    /// The code and reason for a WebSocket.
    public var code: WebSocketCloseCode {
        switch self {
        case .client: .normalClosure
        case .server(let code, _), .webSocket(let code): code
        case .polling, .malformed: .protocolError
        case .pingTimeout: .noPong
        case .slow: .slow
        case .flood: .tooManyRequests
        }
    }

    var text: String {
        switch self {
        case .client, .webSocket: ""
        case .server(_, let text): text
        case .polling: "polling went wrong"
        case .pingTimeout: "no pong"
        case .malformed: "not a packet"
        case .slow: "slow"
        case .flood: "too many requests"
        }
    }
}
