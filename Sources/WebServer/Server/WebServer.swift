import Core
public import Hummingbird
import HummingbirdCore
public import Logging
public import NIOCore

/// Builds the application that the composition root runs as a service.
public enum WebServer {
    /// - Parameters:
    ///   - routes: everything the server answers.
    ///   - upgrader: is asked about requests for another protocol.
    ///   - direct: answers on the event loop what it can; of the routes, or none.
    ///   - onRunning: is told the port once connections are accepted.
    public static func makeApplication(
        _ configuration: WebServerConfiguration, routes: RouteTable, upgrader: (any ConnectionUpgrader)? = nil,
        direct: (any DirectResponder)? = nil, eventLoopGroup: any EventLoopGroup, logger: Logger,
        onRunning: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) -> Application<RouterResponder<ServerRequestContext>> {
        var channel = configuration.channel
        channel.direct = direct.map { DirectDesk($0, origins: configuration.origins, logger: logger) }
        return Application(
            responder: router(configuration, routes).buildResponder(),
            server: HTTPServerBuilder { [channel] responder in
                let plain = HTTPServerChannel(responder: responder, configuration: channel, upgrader: upgrader)
                guard let certificate = configuration.certificate else { return plain }
                return SecureServerChannel(plain, channel, certificate)
            },
            configuration: configuration.application(logger),
            onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? configuration.port) },
            eventLoopGroupProvider: .shared(eventLoopGroup), logger: logger)
    }

    private static func router(_ configuration: WebServerConfiguration, _ routes: RouteTable) -> Router<ServerRequestContext> {
        let router = Router(context: ServerRequestContext.self, options: [.autoGenerateHeadEndpoints])
        router.add(middleware: CORSMiddleware(configuration.origins, routes: routes.routes))
        router.add(
            middleware: RequestMiddleware(
                routes: routes.routes, trustedProxies: configuration.trustedProxies, publicURL: configuration.publicURL))
        routes.register(on: router)
        return router
    }
}

extension WebServerConfiguration {
    fileprivate var channel: HTTPServerChannel.Configuration {
        var channel = HTTPServerChannel.Configuration()
        channel.sendsFiles = certificate == nil
        channel.limits = limits
        channel.trustedProxies = trustedProxies
        channel.fileThreads = fileThreads
        channel.addresses = AddressCount(limit: limits.connectionsPerAddress, exempt: trustedProxies)
        return channel
    }

    fileprivate func application(_ logger: Logger) -> ApplicationConfiguration {
        ApplicationConfiguration(
            address: .hostname(host, port: port), serverName: nil, backlog: backlog, reuseAddress: true,
            availableConnectionsDelegate: .maximum(maximumConnections, logger: logger))
    }
}
