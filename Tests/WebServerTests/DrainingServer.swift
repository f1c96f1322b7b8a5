import Core
import Foundation
import Logging
import NIOPosix
import ServiceLifecycle
import TestSupport

@testable import WebServer

/// A server that can be told to drain, as it is by SIGTERM.
struct DrainingServer: Sendable {
    let port: Int
    private let group: ServiceGroup
    private let ended: Inbox<Void>

    func drain() async { await group.triggerGracefulShutdown() }

    /// Waits until it has ended.
    func end(within time: Duration = .seconds(10)) async throws {
        try await ended.wait(for: "the server to end", within: time) { _, isClosed in isClosed ? () : nil }
    }

    /// Runs one for the time of a closure.
    /// - Parameter grace: what it has for draining.
    static func with(
        _ routes: [Route], direct: (any DirectResponder)? = nil, grace: Duration = .seconds(10),
        configure: (inout WebServerConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (DrainingServer) async throws -> Void
    ) async throws {
        var configuration = WebServerConfiguration()
        configuration.port = 0
        configure(&configuration)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let (ports, ended) = (Inbox<Int>(), Inbox<Void>())
        let application = WebServer.makeApplication(
            configuration, routes: RouteTable(routes, authenticator: TestAuthenticator()), direct: direct,
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger
        ) { ports.push($0) }
        var services = ServiceGroupConfiguration(services: [.init(service: application)], gracefulShutdownSignals: [], logger: logger)
        services.maximumGracefulShutdownDuration = grace
        let group = ServiceGroup(configuration: services)
        let running = Task {
            // What is cut off ends by an error.
            try? await group.run()
            ended.close()
        }
        defer { running.cancel() }
        let port = try await ports.wait(for: "a port") { elements, _ in elements.first }
        try await body(DrainingServer(port: port, group: group, ended: ended))
    }
}
