import Glibc

/// Puts keys that one person can vary at will into one form.
enum AttemptKey {
    /// An IPv6 address after the first colon, up to a space, becomes its /64 network, of which a single subscriber has the whole.
    static func normalized(_ key: String) -> String {
        guard let colon = key.firstIndex(of: ":") else { return key }
        let rest = key[key.index(after: colon)...]
        let address = rest.prefix { $0 != " " }
        guard address.contains(":"), let bytes = ipv6(String(address)) else { return key }
        let network = isMappedIPv4(bytes) ? text(bytes.suffix(4)) : text(bytes.prefix(8))
        return "\(key[...colon])\(network)\(rest[address.endIndex...])"
    }

    /// An account, or what was typed as its login, together with the address it is tried from.
    static func pair(_ subject: String, from address: String) -> String { "\(normalized("pair:\(address)")) \(subject)" }

    private static func ipv6(_ text: String) -> [UInt8]? {
        var address = in6_addr()
        let withoutZone = String(text.prefix { $0 != "%" })
        guard inet_pton(AF_INET6, withoutZone, &address) == 1 else { return nil }
        return withUnsafeBytes(of: &address) { Array($0) }
    }

    /// ::ffff:192.0.2.1 (RFC 4291 section 2.5.5.2).
    private static func isMappedIPv4(_ bytes: [UInt8]) -> Bool {
        bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 255 && bytes[11] == 255
    }

    private static func text(_ bytes: some Collection<UInt8>) -> String {
        bytes.map { String($0) }.joined(separator: ".")
    }
}
