import NIOCore
import NIOHTTP1
import Sockets

/// `/echo`: a WebSocket that sends each message back.
struct EchoEndpoint: Endpoint {
    private static let configuration: WebSocketConfiguration = {
        var configuration = WebSocketConfiguration()
        configuration.maxMessageBytes = 16 << 20
        // One fragment a byte.
        configuration.maxFragments = 16 << 20
        configuration.maxQueuedBytes = 64 << 20
        configuration.messagesPerSecond = .max
        // The suites count every frame.
        configuration.pingInterval = .hours(1)
        // All that can be agreed on.
        var compression = PermessageDeflate.Configuration()
        compression.serverContextTakeover = true
        compression.clientContextTakeover = true
        compression.smallestMessage = 1
        compression.largestMessage = 1 << 20
        configuration.compression = compression
        return configuration
    }()

    func serves(_ path: String) -> Bool { path == "/echo" }

    func respond(to request: Request) -> EventLoopFuture<Response> {
        let upgrade = request.webSocket(Self.configuration) { Echo() }
        return request.eventLoop.makeSucceededFuture(upgrade ?? .answer(.upgradeRequired, ["Upgrade": "websocket"]))
    }
}

private final class Echo: WebSocketConnectionDelegate {
    func opened(_ connection: WebSocketConnection) {}

    func received(text: ByteBuffer, on connection: WebSocketConnection) { connection.send(text: text) }

    func received(binary: ByteBuffer, on connection: WebSocketConnection) {
        connection.send(binary: binary)
    }

    func closed(_ connection: WebSocketConnection, code: WebSocketCloseCode) {}
}
