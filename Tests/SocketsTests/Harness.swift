import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import Sockets

/// An installed WebSocket over an `EmbeddedChannel`, with a look at the transport's side of it.
final class Harness {
    let channel: EmbeddedChannel
    let transport = TransportProbe()
    let owner: Owner

    /// - Parameter extensions: what the handshake has agreed on.
    init(
        configuration: WebSocketConfiguration = WebSocketConfiguration(), extensions: String? = nil, owner: Owner = Owner()
    ) throws {
        self.owner = owner
        channel = EmbeddedChannel(handler: transport)
        channel.embeddedEventLoop.advanceTime(by: .hours(1))
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/client")).wait()
        let response: HTTPHeaders = extensions.map { ["Sec-WebSocket-Extensions": $0] } ?? [:]
        try WebSocketPipeline.install(on: channel, configuration: configuration, response: response, delegate: owner)
    }

    var connection: WebSocketConnection { get throws { try #require(owner.connection) } }

    /// What one read from the socket brings, and the turn of the loop that it is part of.
    func receive(_ pieces: ByteBuffer...) throws { try receive(pieces) }

    func receive(_ pieces: [ByteBuffer]) throws {
        var bytes = ByteBuffer()
        for piece in pieces { bytes.writeImmutableBuffer(piece) }
        try channel.writeInbound(bytes)
        channel.embeddedEventLoop.run()
    }

    func turn() { channel.embeddedEventLoop.run() }
    func advance(_ time: TimeAmount) { channel.embeddedEventLoop.advanceTime(by: time) }

    func setWritable(_ isWritable: Bool) {
        channel.isWritable = isWritable
        channel.pipeline.fireChannelWritabilityChanged()
        turn()
    }

    /// The frames flushed since the last call.
    func sent() throws -> [ServerFrame] {
        var bytes = ByteBuffer()
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { bytes.writeImmutableBuffer(buffer) }
        return try #require(ServerFrame.parse(bytes))
    }
}

/// Stands next to the socket: counts, and takes a half-closure for what it is, which `EmbeddedChannel` does not.
final class TransportProbe: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private(set) var flushes = 0
    var onFlush: () -> Void = {}
    private(set) var reads = 0
    private(set) var isOutputClosed = false
    private(set) var isClosed = false

    func flush(context: ChannelHandlerContext) {
        flushes += 1
        onFlush()
        context.flush()
    }

    func read(context: ChannelHandlerContext) {
        reads += 1
        context.read()
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .output {
            isOutputClosed = true
            promise?.succeed()
        } else {
            isClosed = true
            context.close(mode: mode, promise: promise)
        }
    }
}

/// Records what it is told.
final class Owner: WebSocketConnectionDelegate {
    private(set) var connection: WebSocketConnection?
    private(set) var texts: [String] = []
    private(set) var closings: [WebSocketCloseCode] = []
    var onText: ((String, WebSocketConnection) -> Void)?

    func opened(_ connection: WebSocketConnection) { self.connection = connection }

    func received(text: ByteBuffer, on connection: WebSocketConnection) {
        #expect(closings.isEmpty)
        texts.append(String(buffer: text))
        onText?(String(buffer: text), connection)
    }

    func closed(_ connection: WebSocketConnection, code: WebSocketCloseCode) { closings.append(code) }
}
