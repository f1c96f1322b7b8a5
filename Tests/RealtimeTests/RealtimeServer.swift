import Core
import Foundation
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import Sockets
import TestSupport
import WebServer

@testable import Realtime

/// A real server with all wires, over a broker in memory.
struct RealtimeServer: Sendable {
    let port: Int
    let broker: MemoryBroker
    let doors: TestDoors

    /// Runs one for the time of a closure.
    static func run(within limit: Duration, _ body: @escaping @Sendable (RealtimeServer) async throws -> Void) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let (broker, doors, clock) = (MemoryBroker(), TestDoors(), SystemWallClock())
        let hub = Hub(eventLoops: group)
        broker.subscribe(hub)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        var configuration = RealtimeWires.Configuration()
        configuration.socket.compression = .init()
        let wires = RealtimeWires(
            hub: hub, broker: broker, presence: QuietRegistry(), send: { hub.receive($0) }, nudges: NoNudges(), eventLoops: group,
            table: EventTable(RealtimeEvents.all), authenticator: doors, grants: doors, credentials: doors, topics: [doors], sessions: doors,
            names: doors, access: doors, parties: TestParties(), limiter: Unlimited(), clock: clock, logger: logger, configuration: configuration)
        var settings = WebServerConfiguration()
        settings.port = 0
        let (ports, announce) = AsyncStream.makeStream(of: Int.self)
        let application = WebServer.makeApplication(
            settings, routes: RouteTable(wires.routes, authenticator: doors), upgrader: wires, eventLoopGroup: group, logger: logger
        ) { announce.yield($0) }
        try await TestSupport.within(limit) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await application.run() }
                group.addTask {
                    for await port in ports { return try await body(RealtimeServer(port: port, broker: broker, doors: doors)) }
                }
                // The server ends only by cancellation: whoever finishes first is the body or a failure.
                defer { group.cancelAll() }
                try await group.next()
            }
        }
    }
}

/// For tests that have no other servers, and no administrators.
struct NoNudges: Nudges {
    func nudge(_ name: String, _ payload: String) {}
    func listen(for name: String, _ body: @escaping @Sendable (String) -> Void) {}
}

/// A limiter for tests that are about something else.
struct Unlimited: RateLimiter {
    func take(_ key: String, _ limit: RateLimit) async -> Duration? { nil }
    func refund(_ key: String, _ limit: RateLimit) async {}
    func reset(_ key: String) async {}
}

/// A TCP connection that keeps what comes.
final class ByteLine: Sendable {
    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let inbox: Inbox<ByteBuffer>

        init(_ inbox: Inbox<ByteBuffer>) { self.inbox = inbox }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { inbox.push(unwrapInboundIn(data)) }
        func channelInactive(context: ChannelHandlerContext) { inbox.close() }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    private let channel: any Channel
    private let inbox = Inbox<ByteBuffer>()

    init(port: Int) async throws {
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { [inbox] channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Collector(inbox)) }
            }
            .connect(host: "127.0.0.1", port: port).get()
    }

    func send(_ bytes: ByteBuffer) async throws { try await channel.writeAndFlush(bytes) }

    /// Waits until `look` finds in everything that has come what it wants.
    func wait<Value>(for what: String, _ look: (String) throws -> Value?) async throws -> Value {
        try await inbox.wait(for: what) { pieces, isClosed in
            let text = pieces.map { String(decoding: $0.readableBytesView, as: UTF8.self) }.joined()
            if let value = try look(text) { return value }
            if isClosed { throw TimedOut("\(what): closed after \(text.suffix(300))") }
            return nil
        }
    }

    func cut() async { try? await channel.close() }
}
