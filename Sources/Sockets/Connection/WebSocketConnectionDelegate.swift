import NIOCore

/// What the owner of a connection is told, always on the connection's event loop.
///
/// The handler keeps the delegate until it has called `closed`.
public protocol WebSocketConnectionDelegate: AnyObject {
    /// The connection can be used. Called before anything else.
    func opened(_ connection: WebSocketConnection)

    /// A text message; its bytes are valid UTF-8.
    func received(text: ByteBuffer, on connection: WebSocketConnection)

    /// A binary message. Unless implemented, the connection is closed with 1003.
    func received(binary: ByteBuffer, on connection: WebSocketConnection)

    /// Nothing will be delivered and nothing can be sent any more. Called exactly once, as the last thing, and never from
    /// within a call to the connection: an owner may close or overflow connections while it walks over a list of them.
    /// - Parameter code: The peer's code, or ours if we closed first; 1005 if the peer gave none, 1006 if the transport broke.
    func closed(_ connection: WebSocketConnection, code: WebSocketCloseCode)
}

extension WebSocketConnectionDelegate {
    /// Closes with 1003.
    public func received(binary: ByteBuffer, on connection: WebSocketConnection) {
        connection.close(code: .unsupportedData, reason: "text only")
    }
}
