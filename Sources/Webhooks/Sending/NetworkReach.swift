import Core

/// Which addresses messages may go to.
public enum NetworkReach: Sendable, Equatable {
    /// What the whole internet can reach: a webhook must not open our own network to those who make webhooks.
    case publicOnly
    /// Everything, for labs and tests.
    case anywhere

    func permits(_ address: IPAddress) -> Bool {
        if self == .anywhere { return true }
        if address.isSixteen {
            return Self.global.contains { $0.contains(address) } && !Self.specialSixteen.contains { $0.contains(address) }
        }
        return !Self.specialFour.contains { $0.contains(address) }
    }

    /// Of the ports below 1024 only those of the web: the others' servers might take a message for a command.
    func permits(port: Int) -> Bool {
        self == .anywhere || port == 80 || port == 443 || (1024...65_535).contains(port)
    }

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
