import Core
import Sockets

/// What carries one client: it knows how things are written down, and nothing of what they mean.
///
/// Lives on the client's event loop. What it is given must arrive, except for ephemeral events; for a client that reads too slowly
/// it closes by itself. After the end, calls do nothing.
protocol ClientWire: AnyObject {
    /// Which of the wires it is.
    var kind: WireKind { get }

    /// Whether the client has been let in, so that it may be sent events.
    var isReady: Bool { get }

    /// Bytes that wait for the client to read.
    var queuedBytes: Int { get }

    /// Writes all events of a run at once, if nothing waits and there is room; they leave with `flush()` in the same turn.
    /// - Returns: whether they were written; if not, those that are due are sent one by one.
    func write(_ run: TopicRun) -> Bool

    /// Sends what was written.
    func flush()

    /// Sends one event of a followed topic. Of ephemeral ones, a slow reader gets the latest of each key.
    func send(_ event: HubEvent)

    /// Tells this client alone.
    func tell(_ message: DirectMessage)

    /// Answers a command that has been carried out.
    /// - Parameter id: the command's.
    func acknowledge(_ id: JSONValue, _ data: JSONValue)

    /// Says what went wrong with a command.
    /// - Parameter id: the command's, if it had one.
    func refuse(_ id: JSONValue?, _ problem: Problem)

    /// Closes, after what is queued has been sent. `ClientConnection.closed(_:)` is called in a later turn of the loop.
    func close(_ reason: CloseReason)
}

/// The ways to connect.
enum WireKind: String, CaseIterable, Sendable {
    case webSocket = "ws"
    case socketIO = "socket.io"
    case serverSentEvents = "sse"
}

/// Why a client is sent away. From 3500 on it should not come back by itself.
struct CloseReason: Sendable, Equatable {
    var code: WebSocketCloseCode
    /// At most 123 bytes.
    var text: String

    /// Events have been lost on their way here: connect again and recover.
    static let resync = CloseReason(code: WebSocketCloseCode(rawValue: 3001), text: "resync")
    /// The server ends; another, or the next one, takes the client.
    static let shutdown = CloseReason(code: .goingAway, text: "server shutting down")
    /// The token that let the client in has come to its end: connect again with a new one.
    static let expired = CloseReason(code: WebSocketCloseCode(rawValue: 3005), text: "expired")
    /// The client reads more slowly than it is sent to.
    static let slow = CloseReason(code: .slow, text: "slow")
    /// The client says more than it may.
    static let flood = CloseReason(code: .tooManyRequests, text: "too many requests")
    /// What let the client in has been taken back.
    static let revoked = CloseReason(code: WebSocketCloseCode(rawValue: 3500), text: "revoked")
    /// The client never said who it is or where it wants to go.
    static let stale = CloseReason(code: WebSocketCloseCode(rawValue: 3502), text: "stale")
    /// An administrator has sent the client away.
    static let kicked = CloseReason(code: WebSocketCloseCode(rawValue: 3503), text: "kicked")
    /// There are as many connections as may be.
    static let full = CloseReason(code: .tryAgainLater, text: "too many connections")

    /// The data of `closed`.
    var wireData: JSONValue { ["code": .integer(Int64(code.rawValue)), "reason": .string(text)] }
}
