import NIOCore
import NIOPosix
import TestSupport

/// A WebSocket client of single bytes: nothing is done for it.
final class WireClient: Sendable {
    private let channel: any Channel
    private let inbox: Inbox<[UInt8]>
    /// Bytes of the server's handshake.
    private let handshake: Int

    private init(_ channel: any Channel, _ inbox: Inbox<[UInt8]>, handshake: Int) {
        self.channel = channel
        self.inbox = inbox
        self.handshake = handshake
    }

    deinit { channel.close(promise: nil) }

    /// Opens a connection and goes through the handshake.
    static func open(_ fields: String = "") async throws -> WireClient {
        let (channel, inbox) = try await connect()
        try await channel.writeAndFlush(ByteBuffer(string: handshake(fields)))
        let length = try await inbox.wait(for: "the handshake") { elements, isClosed -> Int? in
            let all = Array(elements.joined())
            if isClosed { throw TimedOut("the handshake: \(String(decoding: all, as: UTF8.self))") }
            guard let end = all.indices.first(where: { all[$0...].starts(with: Array("\r\n\r\n".utf8)) }) else { return nil }
            return String(decoding: all, as: UTF8.self).hasPrefix("HTTP/1.1 101 ") ? end + 4 : nil
        }
        return WireClient(channel, inbox, handshake: length)
    }

    /// A request to open a WebSocket.
    static func handshake(_ fields: String = "") -> String {
        """
        GET /echo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\(fields)\r\n
        """
    }

    /// Sends anything at all on a connection, and returns what the server says until it ends it.
    static func say(_ bytes: [UInt8]) async throws -> [UInt8] {
        let (channel, inbox) = try await connect()
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
        return try await inbox.wait(for: "the end of the connection") { elements, isClosed in
            isClosed ? Array(elements.joined()) : nil
        }
    }

    private static func connect() async throws -> (any Channel, Inbox<[UInt8]>) {
        let inbox = Inbox<[UInt8]>(limit: 1_000_000)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Collector(inbox)) }
            }
            .connect(host: "127.0.0.1", port: try await ConformanceServer.port).get()
        return (channel, inbox)
    }

    /// Sends bytes in one write, or in writes of some size.
    func send(_ bytes: [UInt8], inPiecesOf size: Int = .max) async throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            try await channel.writeAndFlush(ByteBuffer(bytes: rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
    }

    func send(_ frames: [WireFrame]) async throws { try await send(frames.flatMap(\.bytes)) }

    /// Waits for some frames of the server.
    func frames(_ count: Int, within limit: Duration = .seconds(30)) async throws -> [WireFrame] {
        try await inbox.wait(for: "\(count) frames", within: limit) { [handshake] elements, isClosed in
            let frames = WireFrame.parse(Array(elements.joined()).dropFirst(handshake)).frames
            if frames.count >= count { return frames }
            if isClosed { throw TimedOut("\(count) frames; closed after \(frames)") }
            return nil
        }
    }

    /// Waits for so many bytes behind the handshake.
    func bytes(_ count: Int, within limit: Duration = .seconds(60)) async throws {
        try await inbox.wait(for: "\(count) bytes", within: limit) { [handshake] elements, isClosed in
            if elements.reduce(-handshake, { $0 + $1.count }) >= count { return () }
            if isClosed { throw TimedOut("\(count) bytes; closed before") }
            return nil
        }
    }

    /// Waits until the server has ended the connection; returns all frames it sent before.
    func closed(within limit: Duration = .seconds(20)) async throws -> [WireFrame] {
        try await inbox.wait(for: "the end of the connection", within: limit) { [handshake] elements, isClosed in
            isClosed ? WireFrame.parse(Array(elements.joined()).dropFirst(handshake)).frames : nil
        }
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let inbox: Inbox<[UInt8]>

        init(_ inbox: Inbox<[UInt8]>) { self.inbox = inbox }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { inbox.push(Array(buffer: unwrapInboundIn(data))) }

        func channelInactive(context: ChannelHandlerContext) { inbox.close() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
