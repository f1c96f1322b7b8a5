import NIOCore
import NIOHTTP1
import Sockets

/// A path at which Engine.IO is spoken.
struct EngineEndpoint: Endpoint {
    private let path: String
    private let server: EngineServer

    private init(_ path: String, _ server: EngineServer) {
        self.path = path
        self.server = server
    }

    /// `/engine.io/`: each message is sent back.
    static let echo = EngineEndpoint(
        "/engine.io/", EngineServer(configuration: configuration, origins: .any) { _, _ in EngineEcho() })

    /// `/socket.io/`: see `SocketEcho`.
    static let socketIO = EngineEndpoint(
        "/socket.io/",
        EngineServer(socketIO: SocketEcho.configuration, engine: configuration, origins: .any) { _ in SocketEcho() })

    /// What the suites expect to be told, and room for what they do.
    private static let configuration: EngineConfiguration = {
        var configuration = EngineConfiguration()
        configuration.pingInterval = .milliseconds(300)
        configuration.pingTimeout = .milliseconds(200)
        configuration.maxPayload = 1_000_000
        configuration.maxQueuedBytes = 16 << 20
        configuration.packetsPerSecond = 100_000
        configuration.packetBurst = 100_000
        return configuration
    }()

    func serves(_ path: String) -> Bool { path == self.path || path + "/" == self.path }

    func respond(to request: Request) -> EventLoopFuture<Response> {
        let opening = EngineOpening(head: request.head, remoteAddress: request.channel.remoteAddress)
        if case .notWebSocket = WebSocketHandshake.decide(request.head, origins: .any) { return exchange(opening, request) }
        let response: Response? =
            switch server.upgrade(opening) {
            case .refuse(let refusal): .answer(refusal.status, refusal.response.headers, refusal.response.body)
            case .accept(let delegate): request.webSocket(server.configuration.webSocket, delegate: delegate)
            }
        return request.eventLoop.makeSucceededFuture(response ?? .answer(.badRequest))
    }

    private func exchange(_ opening: EngineOpening, _ request: Request) -> EventLoopFuture<Response> {
        let exchange = server.begin(opening, on: request.eventLoop)
        exchange.finish(request.body)
        request.whenGone.value = { exchange.abort() }
        // The suites expect an answer behind what WebSockets were sent before it: that leaves when the turn of the loop is over.
        return exchange.response.flatMap { response in
            request.eventLoop.submit { .answer(response.status, response.headers, response.body) }
        }
    }
}

private final class EngineEcho: EngineSessionDelegate {
    func opened(_ session: EngineSession) {}
    func received(text: ByteBuffer, on session: EngineSession) { session.send(.text(text)) }
    func received(binary: ByteBuffer, on session: EngineSession) { session.send(.binary(binary)) }
    func closed(_ session: EngineSession, reason: EngineCloseReason) {}
}
