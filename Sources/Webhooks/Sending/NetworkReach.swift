import Core

/// Which addresses messages may go to.
public struct NetworkReach: Sendable, Equatable {
    /// What the whole internet can reach: a webhook must not open our own network to those who make webhooks.
    public static let publicOnly = NetworkReach(isPublicOnly: true, denied: [])
    /// Everything, for labs and tests.
    public static let anywhere = NetworkReach(isPublicOnly: false, denied: [])

    private let isPublicOnly: Bool
    private let denied: [IPNetwork]

    /// The same without some networks: public addresses of our own, or a translator's prefix (RFC 6052).
    public func denying(_ networks: [IPNetwork]) -> NetworkReach {
        NetworkReach(isPublicOnly: isPublicOnly, denied: denied + networks)
    }

    func permits(_ address: IPAddress) -> Bool {
        if denied.contains(where: { $0.contains(address) }) { return false }
        if !isPublicOnly { return true }
        if address.isSixteen {
            return Self.global.contains { $0.contains(address) } && !Self.specialSixteen.contains { $0.contains(address) }
        }
        return !(Self.specialFour + Self.cloud).contains { $0.contains(address) }
    }

    /// Of the ports below 1024 only those of the web: the others' servers might take a message for a command.
    func permits(port: Int) -> Bool {
        !isPublicOnly || port == 80 || port == 443 || (1024...65_535).contains(port)
    }

    /// Where clouds tell machines about themselves, when it is not among the special networks: Azure's.
    private static let cloud = networks(["168.63.129.16"])

    // IANA's special-purpose registries (RFC 6890) without what is globally reachable.
    private static let specialFour = networks([
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    ])

    /// Global unicast (RFC 4291 section 2.4). Loopback, link-local, unique-local, multicast, translated (`64:ff9b::/96`) and
    /// mapped addresses lie outside.
    private static let global = networks(["2000::/3"])

    /// Special in the middle of it: protocol assignments with Teredo, documentation, 6to4.
    private static let specialSixteen = networks(["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"])

    private static func networks(_ texts: [String]) -> [IPNetwork] { texts.compactMap(IPNetwork.init) }
}
