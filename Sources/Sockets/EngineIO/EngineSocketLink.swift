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
    func send(_ frame: EngineFrame) {
        if eventLoop.inEventLoop {
            send(encodedFrame: frame.webSocket)
        } else {
            eventLoop.execute { self.send(encodedFrame: frame.webSocket) }
        }
    }

    func sendLatest(key: String, _ frame: EngineFrame) {
        if eventLoop.inEventLoop {
            sendLatest(key: key, encodedFrame: frame.webSocket)
        } else {
            eventLoop.execute { self.sendLatest(key: key, encodedFrame: frame.webSocket) }
        }
    }

    func close(_ reason: EngineCloseReason) {
        if eventLoop.inEventLoop {
            close(code: reason.code, reason: reason.text)
        } else {
            eventLoop.execute { self.close(code: reason.code, reason: reason.text) }
        }
    }
}
