import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Synchronization
import Testing

@testable import WebServer

@Suite("The connections of one address")
struct AddressCountTests {
    private func peer(_ address: String) throws -> SocketAddress { try SocketAddress(ipAddress: address, port: 1) }

    @Test("are so many; those that end make room, and nothing is kept of them")
    func limit() throws {
        let count = AddressCount(limit: 2, exempt: .none)
        let one = try peer("192.0.2.1")
        #expect(count.enter(one))
        #expect(count.enter(try peer("::ffff:192.0.2.1")))
        #expect(!count.enter(one))
        #expect(count.enter(try peer("192.0.2.2")))
        #expect(count.addresses == 2)
        count.leave(one)
        #expect(count.enter(one))
        count.leave(one)
        count.leave(one)
        count.leave(try peer("192.0.2.2"))
        #expect(count.addresses == 0)
    }

    @Test("are those of a whole /64 in IPv6")
    func subscriber() throws {
        let count = AddressCount(limit: 1, exempt: .none)
        #expect(count.enter(try peer("2001:db8::1")))
        #expect(!count.enter(try peer("2001:db8::ffff:2")))
        #expect(count.enter(try peer("2001:db8:0:1::1")))
    }

    @Test("are not counted of proxies, of this machine and of sockets without an address")
    func exempt() throws {
        let count = AddressCount(limit: 0, exempt: try #require(TrustedProxies(["10.0.0.0/8"])))
        for address in ["10.1.2.3", "127.0.0.1", "127.8.8.8", "::1"] { #expect(count.enter(try peer(address)), "\(address)") }
        #expect(count.enter(nil))
        #expect(!count.enter(try peer("192.0.2.1")))
        #expect(!count.enter(try peer("::2")))
    }

    @Test("that pass requests on are those of a proxy that nobody has named, which is said once, and not of too many")
    func suspects() throws {
        let count = AddressCount(limit: 1, exempt: try #require(TrustedProxies(["10.0.0.0/8"])))
        let one = try peer("192.0.2.1")
        #expect(count.enter(one))
        #expect(!count.suspectsProxy(one))
        count.noteForwarding(one)
        #expect(!count.enter(one))
        #expect(count.suspectsProxy(one))
        #expect(!count.suspectsProxy(one))
        count.noteForwarding(try peer("10.1.2.3"))
        #expect(!count.suspectsProxy(try peer("10.1.2.3")))
        // Nothing is kept of those that are not there.
        count.noteForwarding(try peer("192.0.2.2"))
        #expect(!count.suspectsProxy(try peer("192.0.2.2")))
        #expect(count.addresses == 1)
        count.leave(one)
        #expect(count.addresses == 0)
        #expect(count.enter(one))
        #expect(!count.suspectsProxy(one))
        let others = try (0..<100).map { try peer("198.51.100.\($0)") }
        let found = others.filter { other in
            _ = count.enter(other)
            count.noteForwarding(other)
            return count.suspectsProxy(other)
        }
        #expect(found.count == AddressCount.mostSuspects - 1)
    }

    @Test(
        "that are too many are told to the operator if they come through a proxy", arguments: [
            ("X-Forwarded-For: 203.0.113.7", true), ("forwarded: for=203.0.113.7", true), ("Via: 1.1 x", false),
        ])
    func warning(line: String, isTold: Bool) throws {
        var configuration = HTTPServerChannel.Configuration()
        configuration.addresses = AddressCount(limit: 1, exempt: .none)
        let lines = Lines()
        let logger = Logger(label: "test") { _ in LineRecorder(lines: lines) }
        func connect() throws -> EmbeddedChannel {
            let channel = EmbeddedChannel()
            try HTTPCodec.install(on: channel, configuration, nil, logger)
            try channel.connect(to: peer("192.0.2.1")).wait()
            return channel
        }
        let first = try connect()
        try first.writeInbound(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: x\r\n\(line)\r\n\r\n"))
        for _ in 0..<3 { #expect(!(try connect()).isActive) }
        let told = lines.all.withLock { $0 }
        #expect(told.count == (isTold ? 1 : 0))
        #expect(told.allSatisfy { $0.contains("server.trusted.proxies") && $0.contains("192.0.2.1") })
        _ = try first.finish(acceptAlreadyClosed: true)
    }

    @Test("that are too many are told to the operator over TLS as well, whatever the version of HTTP", arguments: [true, false])
    func secureWarning(isHTTP2: Bool) throws {
        var configuration = HTTPServerChannel.Configuration()
        let count = AddressCount(limit: 1, exempt: .none)
        configuration.addresses = count
        let lines = Lines()
        let logger = Logger(label: "test") { _ in LineRecorder(lines: lines) }
        func connect() throws -> EmbeddedChannel {
            let channel = EmbeddedChannel()
            let gate = HandshakeGate(addresses: count, patience: .seconds(10), logger: logger)
            try channel.pipeline.syncOperations.addHandler(gate)
            try channel.connect(to: peer("192.0.2.1")).wait()
            return channel
        }
        let first = try connect()
        // A stream has the address of its connection, which is counted once.
        let stream = isHTTP2 ? EmbeddedChannel() : first
        let gate = ConnectionGate(configuration, upgrader: nil, isCounted: true, logger: logger, at: .now())
        try stream.pipeline.syncOperations.addHandler(gate)
        if isHTTP2 { try stream.connect(to: peer("192.0.2.1")).wait() }
        #expect(stream.isActive && count.addresses == 1)
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/", headers: ["Host": "x", "X-Forwarded-For": "203.0.113.7"])
        try stream.writeInbound(HTTPServerRequestPart.head(head))
        for _ in 0..<3 { #expect(!(try connect()).isActive) }
        let told = lines.all.withLock { $0 }
        #expect(told.count == 1 && told[0].contains("server.trusted.proxies") && told[0].contains("192.0.2.1"))
        _ = try first.finish(acceptAlreadyClosed: true)
        if isHTTP2 { _ = try stream.finish(acceptAlreadyClosed: true) }
        #expect(count.addresses == 0)
    }

    private final class Lines: Sendable { let all = Mutex<[String]>([]) }

    /// Keeps warnings.
    private struct LineRecorder: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.warning
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let line = "\(event.message) \(event.metadata ?? [:])"
            lines.all.withLock { $0.append(line) }
        }
    }

    @Test("that are too many are told so and closed; others go on")
    func refusal() throws {
        var configuration = HTTPServerChannel.Configuration()
        let count = AddressCount(limit: 1, exempt: .none)
        configuration.addresses = count
        func connect() throws -> EmbeddedChannel {
            let channel = EmbeddedChannel()
            try HTTPCodec.install(on: channel, configuration, nil, Logger(label: "test"))
            try channel.connect(to: peer("192.0.2.1")).wait()
            return channel
        }
        let first = try connect()
        #expect(try first.readOutbound(as: IOData.self) == nil)
        let second = try connect()
        guard case .byteBuffer(let answer) = try second.readOutbound(as: IOData.self) else {
            Issue.record("no answer")
            return
        }
        #expect(String(buffer: answer).hasPrefix("HTTP/1.1 503 "))
        #expect(!second.isActive)
        try first.close().wait()
        first.embeddedEventLoop.run()
        #expect(count.addresses == 0)
        let third = try connect()
        #expect(try third.readOutbound(as: IOData.self) == nil)
        #expect(count.addresses == 1)
        try third.close().wait()
    }
}
