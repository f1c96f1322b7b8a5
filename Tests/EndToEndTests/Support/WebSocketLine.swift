import Core
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import TestSupport

/// A WebSocket on which both sides speak JSON.
final class WebSocketLine: Sendable {
    private let channel: any Channel
    private let inbox: Inbox<JSONValue>

    private init(_ channel: any Channel, _ inbox: Inbox<JSONValue>) {
        self.channel = channel
        self.inbox = inbox
    }

    static func open(port: Int, path: String, token: String? = nil) async throws -> WebSocketLine {
        let inbox = Inbox<JSONValue>()
        let upgraded: EventLoopFuture<(any Channel)?> = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
                        configuration: .init(upgradeConfiguration: configuration(port, path, token, inbox)))
                }
            }
        guard let channel = try await upgraded.get() else {
            throw API.Unexpected(description: "the server did not upgrade \(path)")
        }
        return WebSocketLine(channel, inbox)
    }

    private static func configuration(
        _ port: Int, _ path: String, _ token: String?, _ inbox: Inbox<JSONValue>
    ) -> NIOTypedHTTPClientUpgradeConfiguration<(any Channel)?> {
        let upgrader = NIOTypedWebSocketClientUpgrader<(any Channel)?>(maxFrameSize: 1 << 22) { channel, _ in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(Collector(inbox))
                return channel
            }
        }
        var headers: HTTPHeaders = ["Host": "127.0.0.1:\(port)"]
        if let token { headers.add(name: "Authorization", value: "Bearer \(token)") }
        return NIOTypedHTTPClientUpgradeConfiguration(
            upgradeRequestHead: HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: headers),
            upgraders: [upgrader],
            notUpgradingCompletionHandler: { channel in channel.eventLoop.makeSucceededFuture(nil) })
    }

    /// Everything that has come.
    var messages: [JSONValue] { inbox.elements }

    func send(_ message: JSONValue) async throws {
        let text = ByteBuffer(string: try JSON.text(message))
        try await channel.writeAndFlush(WebSocketFrame(fin: true, opcode: .text, maskKey: .random(), data: text))
    }

    /// Waits for the first message that fits; it may have come already.
    func message(_ what: String, within limit: Duration, where fits: (JSONValue) -> Bool) async throws -> JSONValue {
        try await inbox.wait(for: what, within: limit) { messages, isClosed in
            if let message = messages.first(where: fits) { return message }
            if isClosed { throw TimedOut("\(what): the server closed") }
            return nil
        }
    }

    /// Waits until the other side has closed.
    func closed(within limit: Duration) async throws {
        try await inbox.wait(for: "the socket to close", within: limit) { _, isClosed in isClosed ? () : nil }
    }

    func close() async { try? await channel.close() }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = WebSocketFrame
        typealias OutboundOut = WebSocketFrame

        private let inbox: Inbox<JSONValue>
        private var message = ByteBuffer()

        init(_ inbox: Inbox<JSONValue>) { self.inbox = inbox }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let frame = unwrapInboundIn(data)
            switch frame.opcode {
            case .text, .continuation: take(frame)
            case .ping:
                let pong = WebSocketFrame(fin: true, opcode: .pong, maskKey: .random(), data: frame.unmaskedData)
                context.writeAndFlush(wrapOutboundOut(pong), promise: nil)
            case .connectionClose: context.close(promise: nil)
            default: break
            }
        }

        private func take(_ frame: WebSocketFrame) {
            message.writeImmutableBuffer(frame.unmaskedData)
            guard frame.fin else { return }
            inbox.push((try? JSON.decode(JSONValue.self, from: Data(message.readableBytesView))) ?? .null)
            message.clear()
        }

        func channelInactive(context: ChannelHandlerContext) { inbox.close() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
