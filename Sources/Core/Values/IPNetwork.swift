import Glibc

/// An internet address: four bytes, or sixteen.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// In network order.
    public let bytes: [UInt8]

    /// Reads the usual notation, e.g. `192.0.2.1` or `2001:db8::1`; `nil` for anything else, also for what old programs take
    /// for an address (`127.1`, `0x7f000001`).
    public init?(_ text: String) {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = withUnsafeBytes(of: &four) { Array($0) }
            return
        }
        var sixteen = in6_addr()
        guard inet_pton(AF_INET6, text, &sixteen) == 1 else { return nil }
        bytes = withUnsafeBytes(of: &sixteen) { Array($0) }
    }

    /// - Parameter bytes: in network order; `nil` unless there are four or sixteen.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// Whether it is of version 6.
    public var isSixteen: Bool { bytes.count == 16 }

    /// The IPv4 address where one is written as IPv6 (`::ffff:192.0.2.1`, RFC 4291 section 2.5.5.2), otherwise itself.
    public var unmapped: IPAddress {
        let isMapped = isSixteen && bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 255 && bytes[11] == 255
        return isMapped ? IPAddress(bytes: Array(bytes.suffix(4))) ?? self : self
    }

    /// The usual notation.
    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(isSixteen ? AF_INET6 : AF_INET, bytes, &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// A network in CIDR notation (RFC 4632, RFC 4291 section 2.3). IPv4 that is written as IPv6 is IPv4.
public struct IPNetwork: Sendable, Hashable {
    private let address: IPAddress
    private let prefix: Int

    /// - Parameter text: e.g. `10.0.0.0/24`; an address alone is a network of one. `nil` for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let address = IPAddress(parts[0]) else { return nil }
        let longest = address.bytes.count * 8
        guard let prefix = parts.count == 2 ? Int(parts[1]) : longest, (0...longest).contains(prefix) else { return nil }
        let isMapped = address.unmapped != address && prefix >= 96
        self.address = isMapped ? address.unmapped : address
        self.prefix = isMapped ? prefix - 96 : prefix
    }

    /// Whether an address of the same version lies in it.
    public func contains(_ other: IPAddress) -> Bool {
        let other = other.unmapped
        guard other.bytes.count == address.bytes.count else { return false }
        let whole = prefix / 8
        guard other.bytes.prefix(whole) == address.bytes.prefix(whole) else { return false }
        guard prefix % 8 > 0 else { return true }
        return (other.bytes[whole] ^ address.bytes[whole]) >> UInt8(8 - prefix % 8) == 0
    }
}
