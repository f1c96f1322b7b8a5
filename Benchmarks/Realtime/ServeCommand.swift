import ArgumentParser
import Core
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Realtime
import Sockets
import Synchronization

/// The hub and the WebSockets of the server, and nothing of the rest: what one client says is an event for all.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Bring whatever a WebSocket says to all WebSockets, by the hub of the server.")

    @Option(name: .long, help: "The port on the loopback address.") var port: Int

    func run() throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let hub = Hub(eventLoops: group)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                        withServerUpgrade: (upgraders: [Upgrade(hub: hub)], completionHandler: { _ in }))
                }
            }
        let channel = try bootstrap.bind(host: "127.0.0.1", port: port).wait()
        FileHandle.standardOutput.write(Data("ready\n".utf8))
        try channel.closeFuture.wait()
    }
}

/// Makes every connection that asks for it a WebSocket.
private struct Upgrade: HTTPServerProtocolUpgrader {
    let hub: Hub
    let supportedProtocol = "websocket"
    let requiredUpgradeHeaders: [String] = []

    func buildUpgradeResponse(
        channel: any Channel, upgradeRequest: HTTPRequestHead, initialResponseHeaders: HTTPHeaders
    ) -> EventLoopFuture<HTTPHeaders> {
        let key = upgradeRequest.headers.first(name: "Sec-WebSocket-Key") ?? ""
        let headers: HTTPHeaders = [
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": WebSocketHandshake.acceptValue(forKey: key),
        ]
        return channel.eventLoop.makeSucceededFuture(headers)
    }

    func upgrade(context: ChannelHandlerContext, upgradeRequest: HTTPRequestHead) -> EventLoopFuture<Void> {
        var configuration = WebSocketConfiguration()
        // Speakers say as much as they can.
        (configuration.messagesPerSecond, configuration.messageBurst) = (1_000_000, 1_000_000)
        let settings = configuration
        return context.eventLoop.makeCompletedFuture {
            try WebSocketPipeline.install(on: context.channel, configuration: settings, isNextToSocket: true, delegate: Listener(hub: hub))
        }
    }
}

/// A connection that follows the one topic there is, and publishes to it.
private final class Listener: Subscriber, WebSocketConnectionDelegate {
    /// Ten digits, as in a history of some age.
    private static let offset = Atomic<Int64>(1_000_000_000)
    private static let topic = Topic.session(SessionID(at: Timestamp(milliseconds: 0)))

    private let hub: Hub
    private var socket: WebSocketConnection?

    init(hub: Hub) { self.hub = hub }

    func opened(_ connection: WebSocketConnection) {
        socket = connection
        hub.shard(of: connection.eventLoop)?.subscribe(self, to: Self.topic)
    }

    func received(text: ByteBuffer, on connection: WebSocketConnection) {
        let event = DurableEvent(topic: Self.topic, name: "said", data: String(buffer: text))
        hub.receive(PublishedEvent(event: event, offset: Self.offset.add(1, ordering: .relaxed).newValue, at: Timestamp(milliseconds: 0)))
    }

    func closed(_ connection: WebSocketConnection, code: WebSocketCloseCode) {
        hub.shard(of: connection.eventLoop)?.unsubscribe(self, from: Self.topic)
        socket = nil
    }

    func deliver(_ run: TopicRun) -> Bool {
        guard let socket else { return false }
        if socket.write(run.json) { return true }
        for event in run.events { socket.send(event.json) }
        return false
    }

    func flush() { socket?.flush() }
    var queuedBytes: Int { socket?.queuedBytes ?? 0 }
    func reconsider() {}
    func showOutForLoss() {}
    func showOut(_ eviction: Eviction) {}
}
