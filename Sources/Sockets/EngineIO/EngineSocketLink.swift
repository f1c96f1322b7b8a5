import NIOCore

/// Between a WebSocket and its session, which may live on another event loop.
final class EngineSocketLink: WebSocketConnectionDelegate {
    enum Purpose {
        /// The session begins with the socket.
        case open(EngineServer, EngineOpening)
        case upgrade(EngineSessionReference)
    }

    /// Until the socket is open.
    private var purpose: Purpose?
    private var session: EngineSessionReference?

    init(_ purpose: Purpose) { self.purpose = purpose }

    func opened(_ connection: WebSocketConnection) {
        switch purpose.take() {
        case .open(let server, let opening):
            session = server.open(on: connection, opening)
        case .upgrade(let session):
            self.session = session
            session.run { $0.arrived(connection) }
        case nil:
            break
        }
    }

    func received(text: ByteBuffer, on connection: WebSocketConnection) {
        session?.run { $0.received(text: text, on: connection) }
    }

    func received(binary: ByteBuffer, on connection: WebSocketConnection) {
        session?.run { $0.received(binary: binary, on: connection) }
    }

    func closed(_ connection: WebSocketConnection, code: WebSocketCloseCode) {
        session.take()?.run { $0.closed(connection, code: code) }
    }
}

extension WebSocketConnection {
    func transmit(_ frame: EngineFrame) {
        guard eventLoop.inEventLoop else { return eventLoop.execute { self.transmit(frame) } }
        if let message = frame.message { send(message) } else { send(encodedFrame: frame.webSocket) }
    }

    func transmitLatest(key: String, _ frame: EngineFrame) {
        guard eventLoop.inEventLoop else { return eventLoop.execute { self.transmitLatest(key: key, frame) } }
        if let message = frame.message {
            sendLatest(key: key, message)
        } else {
            sendLatest(key: key, encodedFrame: frame.webSocket)
        }
    }

    func close(for reason: EngineCloseReason) {
        guard eventLoop.inEventLoop else { return eventLoop.execute { self.close(for: reason) } }
        close(code: reason.code, reason: reason.text)
    }
}
