import NIOCore
import NIOHTTP1
import Sockets

extension Request {
    /// The answer to a request for a WebSocket, from any page; `nil` for an ordinary request.
    func webSocket(
        _ configuration: WebSocketConfiguration, delegate: @escaping @Sendable () -> any WebSocketConnectionDelegate
    ) -> Response? {
        switch WebSocketHandshake.decide(head, origins: .any, compression: configuration.compression) {
        case .notWebSocket:
            nil
        case .refuse(let status, let reason, let headers):
            .answer(status, headers, ByteBuffer(string: reason))
        case .accept(let headers):
            .webSocket(headers) { channel in
                try WebSocketPipeline.install(
                    on: channel, configuration: configuration, response: headers, isNextToSocket: true, delegate: delegate())
            }
        }
    }
}
