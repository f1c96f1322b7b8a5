import Glibc
import NIOCore

/// The addresses of our own proxies: what they say in `X-Forwarded-*` is believed, what others say is not.
public struct TrustedProxies: Sendable, Equatable {
    /// A network in CIDR notation (RFC 4632, RFC 4291 section 2.3).
    private struct Network: Sendable, Equatable {
        let address: [UInt8]
        let prefix: Int

        init?(_ text: String) {
            let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
            guard let host = parts.first, let bytes = TrustedProxies.bytes(of: host) else { return nil }
            let longest = bytes.count * 8
            guard let prefix = parts.count == 2 ? Int(parts[1]) : longest, (0...longest).contains(prefix) else { return nil }
            self.address = bytes
            self.prefix = prefix
        }

        func contains(_ other: [UInt8]) -> Bool {
            guard other.count == address.count else { return false }
            return (0..<prefix).allSatisfy { bit in
                (address[bit / 8] ^ other[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
            }
        }
    }

    /// Nobody is believed.
    public static let none = TrustedProxies()

    private let networks: [Network]

    private init() { networks = [] }

    /// - Parameter texts: addresses or networks, e.g. `10.0.0.0/24`, `::1`.
    /// - Returns: `nil` when one of them is neither.
    public init?(_ texts: [String]) {
        var networks: [Network] = []
        for text in texts {
            guard let network = Network(text) else { return nil }
            networks.append(network)
        }
        self.networks = networks
    }

    /// Whether the peer is one of them.
    func contains(_ peer: SocketAddress?) -> Bool {
        guard !networks.isEmpty, let bytes = peer?.ipAddress.flatMap(Self.bytes) else { return false }
        return networks.contains { $0.contains(bytes) }
    }

    /// Four bytes for IPv4, also where it is written as IPv6 (`::ffff:192.0.2.1`), or sixteen.
    static func bytes(of text: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: &four) { Array($0) } }
        var sixteen = in6_addr()
        guard inet_pton(AF_INET6, text, &sixteen) == 1 else { return nil }
        let bytes = withUnsafeBytes(of: &sixteen) { Array($0) }
        let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 255 && bytes[11] == 255
        return isMapped ? Array(bytes.suffix(4)) : bytes
    }
}
