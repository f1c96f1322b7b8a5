import NIOCore

/// An open WebSocket as its owner sees it.
///
/// The value may be kept anywhere, but everything except `eventLoop` and `remoteAddress` has to be called on `eventLoop`
/// (a precondition). All that is sent within one turn of the event loop leaves in one flush. After closing, calls do nothing.
public final class WebSocketConnection: Sendable {
    /// Where the connection lives.
    public let eventLoop: any EventLoop
    /// The other end of the transport: a proxy, if there is one.
    public let remoteAddress: SocketAddress?
    private let handler: NIOLoopBound<WebSocketChannelHandler>

    init(handler: WebSocketChannelHandler, channel: any Channel) {
        eventLoop = channel.eventLoop
        remoteAddress = channel.remoteAddress
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
    }

    /// Whether messages are delivered and may be sent.
    public var isOpen: Bool { handler.value.isOpen }

    /// What waits for the client to read, counted as for the limit.
    public var queuedBytes: Int { handler.value.queuedBytes }

    /// Sends a durable text message, compressed if that was agreed on. To send the same to many, use a `PreparedMessage`.
    /// - Parameter text: UTF-8.
    public func send(text: ByteBuffer) { handler.value.send(.text, text) }

    /// The same for a binary message.
    public func send(binary: ByteBuffer) { handler.value.send(.binary, binary) }

    /// Sends a durable message that others get too, without encoding it again, and where possible without compressing it again.
    public func send(_ message: PreparedMessage) { handler.value.send(message) }

    /// Sends such a message of which only the latest matters, as `sendLatest(key:encodedFrame:)`. With server context takeover it
    /// goes uncompressed: what follows could not refer to a message that may be left out.
    public func sendLatest(key: String, _ message: PreparedMessage) { handler.value.sendLatest(key: key, message) }

    /// Sends a frame made by `WebSocketFrames`, without copying or compressing it. It is never dropped: if it does not fit the
    /// queue, the connection is closed with 3008.
    public func send(encodedFrame: ByteBuffer) { handler.value.send(encodedFrame) }

    /// Writes messages that leave together, if none waits, the transport has room, and they need not be compressed for this
    /// connection alone. The caller has to `flush()` in the same turn of the event loop; who writes to many spares each of them a
    /// task of its own.
    /// - Returns: whether they were written; if not, each is to be sent by itself.
    public func write(_ run: PreparedRun) -> Bool { handler.value.write(run) }

    /// Sends what was written.
    public func flush() { handler.value.flush() }

    /// Sends a frame of which only the latest matters. While the client cannot take it, a later one of the same key replaces it;
    /// it gives way when the queue is full.
    public func sendLatest(key: String, encodedFrame: ByteBuffer) { handler.value.sendLatest(key: key, encodedFrame) }

    /// Closes, after what is queued has been sent.
    /// - Parameter reason: Cut to 123 bytes.
    public func close(code: WebSocketCloseCode, reason: String = "") {
        handler.value.close(CloseContent(code: code, reason: reason))
    }
}

extension WebSocketConnection: Hashable {
    /// By identity.
    public static func == (lhs: WebSocketConnection, rhs: WebSocketConnection) -> Bool { lhs === rhs }

    /// By identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
