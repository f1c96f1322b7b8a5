import NIOCore
import Testing

@testable import WebServer

@Suite("Trusted proxies")
struct TrustedProxiesTests {
    @Test("an address is in a network by its first bits", arguments: [
        ("10.0.0.0/24", "10.0.0.255", true), ("10.0.0.0/24", "10.0.1.0", false), ("10.0.0.0/23", "10.0.1.0", true),
        ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("0.0.0.0/0", "203.0.113.9", true),
        ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
        ("0.0.0.0/0", "2001:db8::1", false), ("10.0.0.0/8", "::ffff:10.1.2.3", true),
        ("::ffff:10.1.2.3", "10.1.2.3", true), ("::ffff:10.1.2.3", "::ffff:10.1.2.3", true),
        ("::ffff:10.0.0.0/104", "10.1.2.3", true),
    ])
    func membership(network: String, peer: String, isTrusted: Bool) throws {
        let proxies = try #require(TrustedProxies([network]))
        #expect(proxies.contains(try SocketAddress(ipAddress: peer, port: 1)) == isTrusted)
    }

    @Test("what is no network is refused", arguments: ["", "10.0.0.0/33", "10.0.0/8", "::/129", "host", "10.0.0.1/-1", "10.0.0.1/x", "10.0.0.1/"])
    func nonsense(text: String) { #expect(TrustedProxies([text]) == nil) }

    @Test("nobody is trusted by default")
    func nobody() throws {
        #expect(!TrustedProxies.none.contains(try SocketAddress(ipAddress: "127.0.0.1", port: 1)))
        #expect(!TrustedProxies.none.contains(nil))
    }
}
