import Core
import NIOCore

/// The addresses of our own proxies: what they say in `X-Forwarded-*` is believed, what others say is not.
public struct TrustedProxies: Sendable, Equatable {
    /// Nobody is believed.
    public static let none = TrustedProxies()

    private let networks: [IPNetwork]

    private init() { networks = [] }

    /// - Parameter texts: addresses or networks, e.g. `10.0.0.0/24`, `::1`.
    /// - Returns: `nil` when one of them is neither.
    public init?(_ texts: [String]) {
        var networks: [IPNetwork] = []
        for text in texts {
            guard let network = IPNetwork(text) else { return nil }
            networks.append(network)
        }
        self.networks = networks
    }

    /// Whether the peer is one of them.
    func contains(_ peer: SocketAddress?) -> Bool {
        guard !networks.isEmpty, let address = peer?.ipAddress.flatMap({ IPAddress($0) }) else { return false }
        return networks.contains { $0.contains(address) }
    }
}
