import Core
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import Broker

@Suite(.enabled(if: LocalRedis.isInstalled, "redis-server is not installed"), .serialized)
struct `Redis connections` {
    @Test("replies belong to their commands when many are under way")
    func pipelining() async throws {
        let redis = try await LocalRedis()
        let connection = try await Self.connector(.local(redis)).connect()
        let replies = (0..<500).map { connection.send(RedisCommand("ECHO", String($0))) }
        for (number, reply) in replies.enumerated() { #expect(try await reply.get().text == String(number)) }
        await #expect(throws: RedisError.refused(code: "ERR")) { try await connection.ask("NONSENSE", "secret") }
        connection.close()
        await connection.closed()
        await #expect(throws: RedisError.disconnected) { try await connection.ask("PING") }
    }

    @Test("no more is under way than the bound; the rest is refused at once, and the room comes back")
    func bound() async throws {
        let redis = try await LocalRedis()
        var configuration = try RedisConfiguration.local(redis)
        configuration.maxCommands = 8
        let connection = try await Self.connector(configuration).connect()
        defer { connection.close() }
        redis.pause()
        let optional = (0..<10).map { _ in connection.send(RedisCommand("PING"), isUrgent: false) }
        let urgent = (0..<10).map { _ in connection.send(RedisCommand("PING")) }
        for reply in Array(optional[6...]) + Array(urgent[2...]) {
            await #expect(throws: RedisError.busy) { try await reply.get() }
        }
        redis.resume()
        for reply in Array(optional[..<6]) + Array(urgent[..<2]) { #expect(try await reply.get().text == "PONG") }
        #expect(try await connection.ask("PING").text == "PONG")
    }

    @Test("a server that does not answer in time loses the connection, and everybody who waits is told")
    func timeout() async throws {
        let redis = try await LocalRedis()
        var configuration = try RedisConfiguration.local(redis)
        configuration.timeout = .milliseconds(200)
        let connection = try await Self.connector(configuration).connect()
        redis.pause()
        let replies = (0..<3).map { _ in connection.send(RedisCommand("PING")) }
        for reply in replies { await #expect(throws: RedisError.timedOut) { try await reply.get() } }
        await connection.closed()
        redis.resume()
    }

    @Test("passwords and databases are used, and a wrong password is an error without the password")
    func login() async throws {
        let redis = try await LocalRedis(.init(password: "s3cret"))
        let port = redis.port
        let connection = try await Self.connector(RedisConfiguration(url: try RedisURL(redis.url + "/3"))).connect()
        _ = try await connection.ask("SET", "k", "v")
        connection.close()
        #expect(try await redis.cli("-n", "3", "GET", "k") == "v\n")
        for (login, code) in [("", "NOAUTH"), (":wrong@", "WRONGPASS"), ("nobody:s3cret@", "WRONGPASS")] {
            let url = try RedisURL("redis://\(login)127.0.0.1:\(port)")
            await #expect(throws: RedisError.refused(code: code)) {
                try await Self.connector(RedisConfiguration(url: url)).connect()
            }
        }
    }

    @Test("rediss: speaks TLS with whom its authority vouches for, and with nobody else")
    func tls() async throws {
        let redis = try await LocalRedis(.init(isTLS: true))
        let connection = try await Self.connector(.local(redis)).connect()
        #expect(try await connection.ask("PING").text == "PONG")
        connection.close()
        try await Fleet.with(.local(redis)) { fleet in
            try await fleet.healthy()
            try await fleet.a.publish(1)
            for node in fleet.nodes { try await node.receiver.received(1) }
        }
        var stranger = try RedisConfiguration.local(redis)
        stranger.authorities = nil
        let connector = try Self.connector(stranger)
        await #expect(throws: (any Error).self) { try await connector.connect() }
    }

    @Test("Sentinel: finds the master, and follows when another becomes it")
    func sentinel() async throws {
        let master = try await LocalRedis()
        let replica = try await LocalRedis(.init(masterPort: master.port))
        let sentinel = try await LocalSentinel(watching: "house", on: master.port)
        let unreachable = try LocalRedis.freePort()
        let url = try RedisURL("redis+sentinel://127.0.0.1:\(unreachable),127.0.0.1:\(sentinel.port)/house/0")
        let connector = try Self.connector(RedisConfiguration(url: url))
        #expect(try await connector.master().port == master.port)
        try await Fleet.with(RedisConfiguration(url: url)) { fleet in
            try await fleet.healthy()
            try await fleet.a.publish(1)
            try await master.kill()
            try await fleet.b.publish(2)
            for node in fleet.nodes { try await node.receiver.received(2) }
            _ = try await eventually("the fail-over", within: .seconds(30)) {
                try await connector.master().port == replica.port ? true : nil
            }
            try await fleet.healthy()
            fleet.a.broker.send(progress())
            try await fleet.b.receiver.inbox.wait(for: "news over the new master") { _, _ in
                fleet.b.receiver.ephemeral.isEmpty ? nil : ()
            }
            try await fleet.b.publish(3)
            for node in fleet.nodes {
                try await node.receiver.received(3)
                #expect(node.receiver.durable.map(\.offset) == [1, 2, 3])
            }
        }
        let unknown = try RedisURL("redis+sentinel://127.0.0.1:\(sentinel.port)/nobody")
        await #expect(throws: RedisError.noMaster) {
            try await Self.connector(RedisConfiguration(url: unknown)).connect()
        }
    }

    @Test("a master that became a replica is left, so that connecting again finds the new one")
    func demoted() async throws {
        let (redis, other) = (try await LocalRedis(), try await LocalRedis())
        let connection = try await Self.connector(.local(redis)).connect()
        _ = try await redis.cli("REPLICAOF", "127.0.0.1", String(other.port))
        await #expect(throws: RedisError.refused(code: "READONLY")) { try await connection.ask("SET", "k", "v") }
        try await within(.seconds(5)) { await connection.closed() }
    }

    @Test("what is no reply ends the connection, and the next one is tried", arguments: [
        "HTTP/1.1 400 Bad Request\r\n\r\n", "$99999999\r\n" + String(repeating: "x", count: 40_000),
        "*2\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", "+PONG\r\n+PONG\r\n", "$-2\r\n",
    ])
    func garbage(_ answer: String) async throws {
        let connections = Inbox<Int>()
        let group = MultiThreadedEventLoopGroup.singleton
        let server = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Liar(answer: answer, connections: connections))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        var configuration = RedisConfiguration(url: try RedisURL("redis://127.0.0.1:\(port)"))
        configuration.maxReplyBytes = 20_000
        configuration.timeout = .milliseconds(500)
        try await House.with { [configuration] house in
            let broker = try await RedisBroker(database: house.database, configuration: configuration)
            let running = Task { await broker.run() }
            try await connections.wait(for: "several attempts") { elements, _ in elements.count >= 4 ? () : nil }
            #expect(broker.health != .healthy)
            running.cancel()
            await running.value
        }
        try await server.close()
    }

    private static func connector(_ configuration: RedisConfiguration) throws -> RedisConnector {
        try RedisConnector(configuration, group: MultiThreadedEventLoopGroup.singleton)
    }
}

/// Answers everything with the same.
private final class Liar: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: String
    private let connections: Inbox<Int>

    init(answer: String, connections: Inbox<Int>) {
        self.answer = answer
        self.connections = connections
    }

    func channelActive(context: ChannelHandlerContext) { connections.push(1) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
    }
}
