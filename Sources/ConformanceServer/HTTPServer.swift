import NIOCore
import NIOHTTP1
import NIOPosix

/// HTTP/1.1 on the loopback addresses, on one event loop: endpoints may keep what they share in its care.
struct HTTPServer {
    private let bootstrap: ServerBootstrap
    private let eventLoops = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    init(endpoints: [any Endpoint]) {
        bootstrap = ServerBootstrap(group: eventLoops)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try HTTPConnection.install(on: channel, endpoints) }
            }
    }

    /// Starts to accept connections, for IPv6 where there is such an address.
    /// - Returns: What accepts them; it is bound to a port that was chosen here for 0.
    func listen(port: Int) async throws -> any Channel {
        let listener = try await bootstrap.bind(host: "127.0.0.1", port: port).get()
        _ = try? await bootstrap.bind(host: "::1", port: listener.localAddress?.port ?? port).get()
        return listener
    }
}
