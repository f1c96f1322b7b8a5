import Core
import Logging
import NIOConcurrencyHelpers
import NIOCore

/// Counts the open connections of each client address, so that one client cannot take them all. It has an entry for each
/// address that has a connection now, and none else; and it finds proxies that nobody has named.
public final class AddressCount: Sendable {
    /// Addresses that are suspected of being proxies, at most; of more than these nothing is said.
    static let mostSuspects = 64

    /// What there is of an address while it has connections.
    private struct Entry {
        var connections = 0
        /// Whether a request has come that was passed on for somebody else.
        var isForwarding = false
    }

    private let limit: Int
    private let exempt: TrustedProxies
    private let entries = NIOLockedValueBox<[[UInt8]: Entry]>([:])
    private let suspects = NIOLockedValueBox<Set<[UInt8]>>([])

    /// - Parameters:
    ///   - limit: connections of one address; of a whole /64 in IPv6, which is what one subscriber has.
    ///   - exempt: who speaks for many clients. So does who is on this machine.
    public init(limit: Int, exempt: TrustedProxies) {
        self.limit = limit
        self.exempt = exempt
    }

    /// Takes a connection in.
    /// - Returns: false when its address has too many. Otherwise call `leave` when it is closed.
    func enter(_ peer: SocketAddress?) -> Bool {
        guard let key = key(peer) else { return true }
        return entries.withLockedValue { entries in
            guard entries[key]?.connections ?? 0 < limit else { return false }
            entries[key, default: Entry()].connections += 1
            return true
        }
    }

    /// A request over a connection that was taken in says that it was passed on for somebody else.
    func noteForwarding(_ peer: SocketAddress?) {
        guard let key = key(peer) else { return }
        entries.withLockedValue { $0[key]?.isForwarding = true }
    }

    /// Whether an address that has too many connections seems to be a proxy that nobody has named.
    /// - Returns: true once for each address.
    func suspectsProxy(_ peer: SocketAddress?) -> Bool {
        guard let key = key(peer), entries.withLockedValue({ $0[key]?.isForwarding ?? false }) else { return false }
        return suspects.withLockedValue { $0.count < Self.mostSuspects && $0.insert(key).inserted }
    }

    /// A connection that was taken in is closed.
    func leave(_ peer: SocketAddress?) {
        guard let key = key(peer) else { return }
        entries.withLockedValue { entries in
            guard let entry = entries[key], entry.connections > 1 else { return entries[key] = nil }
            entries[key]?.connections -= 1
        }
    }

    /// Addresses that have a connection.
    var addresses: Int { entries.withLockedValue { $0.count } }

    /// `nil` for those who are not counted.
    private func key(_ peer: SocketAddress?) -> [UInt8]? {
        guard let bytes = peer?.ipAddress.flatMap({ IPAddress($0) })?.unmapped.bytes, !exempt.contains(peer) else { return nil }
        let isLoopback = bytes.count == 4 ? bytes[0] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1]
        return isLoopback ? nil : Array(bytes.prefix(8))
    }
}

extension AddressCount {
    /// Tells the operator of an address that has too many connections, if it seems to be a proxy that nobody has named.
    func warnOfProxy(_ peer: SocketAddress?, _ logger: Logger) {
        guard suspectsProxy(peer) else { return }
        logger.warning(
            """
            an address has as many connections as one may have, and passes requests on for others: \
            if it is a proxy of yours, name it in server.trusted.proxies
            """, metadata: ["address": "\(peer?.ipAddress ?? "unknown")"])
    }
}
