import Foundation
import NIOCore
import NIOPosix
import TestSupport

/// A TCP connection on which anything can be said.
final class RawConnection: Sendable {
    private let channel: any Channel
    private let inbox: Inbox<ByteBuffer>

    private init(_ channel: any Channel, _ inbox: Inbox<ByteBuffer>) {
        self.channel = channel
        self.inbox = inbox
    }

    static func open(port: Int) async throws -> RawConnection {
        let inbox = Inbox<ByteBuffer>()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.socketOption(.so_reuseaddr), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Collector(inbox)) }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return RawConnection(channel, inbox)
    }

    func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }

    func send(_ bytes: Data) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }

    /// Ends it, whatever was going on.
    func close() async { try? await channel.close() }

    /// Everything that has come.
    var received: String { Self.text(inbox.elements) }

    /// Waits until what has come contains a text; the connection may be closed by then.
    func received(_ text: String, within limit: Duration = .seconds(20)) async throws -> String {
        try await inbox.wait(for: "\(text) on a connection", within: limit) { elements, isClosed in
            let all = Self.text(elements)
            if all.contains(text) { return all }
            if isClosed { throw TimedOut("\(text) on a connection that was closed after: \(all.prefix(300))") }
            return nil
        }
    }

    /// Waits until the server closes, and returns everything it said.
    func closed(within limit: Duration = .seconds(30)) async throws -> String {
        try await inbox.wait(for: "the server to close a connection", within: limit) { elements, isClosed in
            isClosed ? Self.text(elements) : nil
        }
    }

    private static func text(_ buffers: [ByteBuffer]) -> String { buffers.map { String(buffer: $0) }.joined() }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let inbox: Inbox<ByteBuffer>

        init(_ inbox: Inbox<ByteBuffer>) { self.inbox = inbox }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { inbox.push(unwrapInboundIn(data)) }

        func channelInactive(context: ChannelHandlerContext) { inbox.close() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
