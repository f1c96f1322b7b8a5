import Core
import NIOCore
import NIOPosix
import NIOSSL

/// Makes connections that are greeted and ready for commands, wherever the master is now.
struct RedisConnector: Sendable {
    private let configuration: RedisConfiguration
    private let group: any EventLoopGroup
    private let tls: NIOSSLContext?

    /// Reads the authorities' file.
    /// - Throws: `NIOSSLError` when that is no good.
    init(_ configuration: RedisConfiguration, group: any EventLoopGroup) throws {
        self.configuration = configuration
        self.group = group
        var tls = TLSConfiguration.makeClientConfiguration()
        if let file = configuration.authorities { tls.trustRoots = .file(file) }
        self.tls = configuration.url.isTLS ? try NIOSSLContext(configuration: tls) : nil
    }

    var usesSentinels: Bool { if case .sentinels = configuration.url.location { true } else { false } }

    /// Connects to the master.
    /// - Parameter subscription: makes it a connection that listens; it still has to be told to `listen`.
    /// - Throws: `RedisError`, or NIO's errors when there is no connection to be had.
    func connect(_ subscription: (@Sendable () -> SubscriptionHandler)? = nil) async throws -> RedisConnection {
        let url = configuration.url
        let connection = try await open(try await master(), subscription)
        do {
            try await greet(connection, user: url.user, password: url.password)
            if url.database != 0 { _ = try await connection.ask("SELECT", String(url.database)) }
            if usesSentinels, try await connection.ask("ROLE").array?.first?.text != "master" { throw RedisError.notMaster }
            return connection
        } catch {
            connection.close()
            throw error
        }
    }

    /// Where the master is now. With sentinels, the first that answers and knows.
    func master() async throws -> RedisURL.Host {
        switch configuration.url.location {
        case .server(let host): return host
        case .sentinels(let sentinels, let name, let password):
            var last: any Error = RedisError.noMaster
            for sentinel in sentinels {
                do { return try await master(name, by: sentinel, password) } catch { last = error }
            }
            throw last
        }
    }

    private func master(_ name: String, by sentinel: RedisURL.Host, _ password: Secret?) async throws -> RedisURL.Host {
        let connection = try await open(sentinel, nil)
        defer { connection.close() }
        try await greet(connection, user: nil, password: password)
        let reply = try await connection.ask("SENTINEL", "get-master-addr-by-name", name)
        guard let parts = reply.array?.compactMap(\.text), parts.count == 2, let port = Int(parts[1]) else {
            throw RedisError.noMaster
        }
        return RedisURL.Host(name: parts[0], port: port)
    }

    private func greet(_ connection: RedisConnection, user: String?, password: Secret?) async throws {
        if let password {
            let login = [user, password.reveal].compactMap { $0 }.map(RedisCommand.Argument.text)
            _ = try await connection.send(RedisCommand(["AUTH"] + login)).get()
        }
        // Fails while the server still loads its data, or wants a password after all.
        guard try await connection.ask("PING").text == "PONG" else { throw RedisError.unexpectedReply }
    }

    private func open(
        _ host: RedisURL.Host, _ subscription: (@Sendable () -> SubscriptionHandler)?
    ) async throws -> RedisConnection {
        let limits = ReplyBuilder.Limits(bytes: configuration.maxReplyBytes)
        let timeout = TimeAmount(configuration.timeout)
        let channel = try await ClientBootstrap(group: group)
            .connectTimeout(timeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { [tls] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: host.serverName)) }
                    try pipeline.addHandler(
                        RedisChannelHandler(limits: limits, timeout: timeout, takesMessages: subscription != nil))
                    if let subscription { try pipeline.addHandler(subscription()) }
                }
            }
            .connect(host: host.name, port: host.port).get()
        return RedisConnection(
            channel, to: host, CommandBudget(commands: configuration.maxCommands, bytes: configuration.maxCommandBytes))
    }
}

extension RedisURL.Host {
    /// What TLS asks the server for: names only; a certificate for an address is checked against the connection's.
    fileprivate var serverName: String? { (try? SocketAddress(ipAddress: name, port: port)) == nil ? name : nil }
}
