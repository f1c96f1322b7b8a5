import Logging
import NIOCore
import NIOEmbedded
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
