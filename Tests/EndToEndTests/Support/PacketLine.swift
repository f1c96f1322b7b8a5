import AsyncHTTPClient
import Core
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import TestSupport

/// One connection of a client that follows: what it is told, packet by packet, until it is cut.
final class PacketLine: Sendable {
    /// It has come to its end.
    struct Gone: Error {}

    private let packets: Inbox<String>
    private let speak: @Sendable (String) async throws -> Void
    private let end: @Sendable () async -> Void

    private init(
        _ packets: Inbox<String>, speak: @escaping @Sendable (String) async throws -> Void, end: @escaping @Sendable () async -> Void
    ) {
        (self.packets, self.speak, self.end) = (packets, speak, end)
    }

    /// Sends a packet, where there is a way.
    func send(_ packet: String) async throws { try await speak(packet) }

    /// Waits for a packet, by its number from 0 on.
    /// - Throws: `Gone` when there are no more.
    func packet(_ index: Int) async throws -> String {
        try await packets.wait(for: "a packet", within: .seconds(40)) { packets, isClosed in
            if packets.count > index { return packets[index] }
            if isClosed { throw Gone() }
            return nil
        }
    }

    /// Ends the connection, without a word.
    func cut() async { await end() }

    // MARK: WebSockets

    /// Packets are the texts of a WebSocket.
    static func webSocket(port: Int, path: String) async throws -> PacketLine {
        let packets = Inbox<String>()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Texts(ClientFrame.opening(path), packets))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return PacketLine(
            packets, speak: { try await channel.writeAndFlush(ClientFrame.text($0)) }, end: { try? await channel.close() })
    }

    private final class Texts: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let opening: ByteBuffer
        private let packets: Inbox<String>
        private var reader = FrameReader()

        init(_ opening: ByteBuffer, _ packets: Inbox<String>) { (self.opening, self.packets) = (opening, packets) }

        func channelActive(context: ChannelHandlerContext) { context.writeAndFlush(Self.wrapOutboundOut(opening), promise: nil) }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            reader.append(Self.unwrapInboundIn(data))
            while let (opcode, payload) = reader.next() {
                if opcode == 1 { packets.push(String(buffer: payload)) }
                if opcode == 8 { context.close(promise: nil) }
            }
        }

        func channelInactive(context: ChannelHandlerContext) { packets.close() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    // MARK: HTTP

    /// Of its own: each of these holds a connection for a long time.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1000
        // Whoever follows tries again by itself.
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// Packets are those of Engine.IO, fetched by polling.
    static func polling(base: String) async throws -> PacketLine {
        let packets = Inbox<String>()
        let url = base + "/socket.io/?EIO=4&transport=polling"
        let open = try await fetch(HTTPClientRequest(url: url))
        guard let sid = try JSON.decode(JSONValue.self, from: Data(open.utf8.dropFirst()))["sid"]?.stringValue else { throw Gone() }
        packets.push(open)
        let session = "\(url)&sid=\(sid)"
        let polling = Task {
            defer { packets.close() }
            while !Task.isCancelled {
                for packet in try await fetch(HTTPClientRequest(url: session)).split(separator: "\u{1E}") { packets.push(String(packet)) }
            }
        }
        return PacketLine(packets, speak: { try await post($0, to: session) }, end: { polling.cancel() })
    }

    private static func post(_ packet: String, to url: String) async throws {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.body = .bytes(ByteBuffer(string: packet))
        _ = try await fetch(request)
    }

    private static func fetch(_ request: HTTPClientRequest) async throws -> String {
        let response = try await client.execute(request, timeout: .seconds(60))
        guard response.status == .ok else { throw Gone() }
        return String(buffer: try await response.body.collect(upTo: 16 << 20))
    }

    /// Packets are server-sent events.
    /// - Parameter lastEventID: where to go on from.
    static func eventStream(_ guest: API, session: String, lastEventID: String?) async throws -> PacketLine {
        var request = HTTPClientRequest(url: "\(guest.base)/api/sessions/\(session)/events")
        request.headers.add(name: "Authorization", value: "Bearer \(guest.token ?? "")")
        if let lastEventID { request.headers.add(name: "Last-Event-ID", value: lastEventID) }
        let response = try await client.execute(request, timeout: .hours(1))
        guard response.status == .ok else { throw Gone() }
        let packets = Inbox<String>()
        let reading = Task {
            defer { packets.close() }
            var rest = ""
            for try await piece in response.body {
                rest += String(buffer: piece)
                while let end = rest.range(of: "\n\n") {
                    packets.push(String(rest[..<end.lowerBound]))
                    rest.removeSubrange(..<end.upperBound)
                }
            }
        }
        return PacketLine(packets, speak: { _ in }, end: { reading.cancel() })
    }
}
