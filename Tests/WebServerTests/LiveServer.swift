import Core
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix

@testable import WebServer

/// Says who asks by the bearer token: `admin`, `photographer`, `member`, `key`; anything else does not hold.
struct TestAuthenticator: Authenticator {
    func principal(bearer: String?) async throws -> Principal {
        let id = UserID(at: Timestamp(milliseconds: 0))
        switch bearer {
        case nil: return .anonymous
        case "key": return .key(GrantID(id), owner: id, role: .admin, scopes: [.upload])
        case let role?:
            guard let role = Role(rawValue: role) else { throw Problem.unauthorized("No.", code: "invalid_token") }
            return .user(id, role: role, device: DeviceID(id))
        }
    }
}

/// Runs a real server for the time of a closure.
func withServer(
    _ routes: [Route], upgrader: (any ConnectionUpgrader)? = nil, direct: (any DirectResponder)? = nil,
    configure: (inout WebServerConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (_ port: Int) async throws -> Void
) async throws {
    var configuration = WebServerConfiguration()
    configuration.port = 0
    configure(&configuration)
    let (ports, announce) = AsyncStream.makeStream(of: Int.self)
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let table = RouteTable(routes, authenticator: TestAuthenticator())
    let application = WebServer.makeApplication(
        configuration, routes: table, upgrader: upgrader, direct: direct, eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
        logger: logger
    ) { port in announce.yield(port) }
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await application.run() }
        group.addTask {
            for await port in ports {
                try await body(port)
                break
            }
        }
        group.addTask {
            try await Task.sleep(for: .seconds(20))
            throw ClientError.timedOut
        }
        // The server ends only by cancellation: whoever finishes first is the body or a failure.
        defer { group.cancelAll() }
        try await group.next()
    }
}

enum ClientError: Error { case timedOut }

/// A client that sends exactly the bytes it is told to.
final class RawClient: Sendable {
    private let channel: any Channel
    private let collector: Collector

    private final class Collector: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let continuation: AsyncStream<ByteBuffer>.Continuation
        let stream: AsyncStream<ByteBuffer>

        init() { (stream, continuation) = AsyncStream.makeStream(of: ByteBuffer.self) }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { continuation.yield(unwrapInboundIn(data)) }
        func channelInactive(context: ChannelHandlerContext) { continuation.finish() }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    init(port: Int, autoRead: Bool = true) async throws {
        let collector = Collector()
        self.collector = collector
        self.channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: autoRead)
            .channelOption(.socketOption(.so_rcvbuf), value: 8192)
            .channelOption(.allowRemoteHalfClosure, value: false)
            .channelInitializer { $0.pipeline.addHandler(collector) }
            .connect(host: "127.0.0.1", port: port).get()
    }

    func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }

    /// Everything received until the text ends with, or contains, what is waited for, or the connection ends.
    func receive(until end: String? = nil) async -> String {
        var text = ""
        for await bytes in collector.stream {
            text += String(buffer: bytes)
            if let end, text.contains(end) { break }
        }
        return text
    }

    /// Reads once, for those who do not read by themselves.
    func read() { channel.read() }

    /// Waits for the server to close.
    func closed() async throws { try await channel.closeFuture.get() }

    /// Says that nothing more will be sent.
    func finishSending() async throws { try await channel.close(mode: .output) }

    func close() async throws { try await channel.close() }
}

extension Route {
    /// A route open to all, for tests.
    static func open(
        _ method: HTTPRequest.Method, _ path: String, body: Body = .none, handler: @escaping Handler
    ) -> Route {
        Route(method, path, .readPublic, "Test.", tag: "Test", body: body, output: .empty(.ok), handler: handler)
    }
}
