import Core
import NIOConcurrencyHelpers
import NIOCore

/// Counts the open connections of each client address, so that one client cannot take them all. It has an entry for each
/// address that has a connection now, and none else.
public final class AddressCount: Sendable {
    private let limit: Int
    private let exempt: TrustedProxies
    private let counts = NIOLockedValueBox<[[UInt8]: Int]>([:])

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
        return counts.withLockedValue { counts in
            let count = counts[key, default: 0]
            guard count < limit else { return false }
            counts[key] = count + 1
            return true
        }
    }

    /// A connection that was taken in is closed.
    func leave(_ peer: SocketAddress?) {
        guard let key = key(peer) else { return }
        counts.withLockedValue { counts in
            let count = counts[key, default: 1]
            counts[key] = count > 1 ? count - 1 : nil
        }
    }

    /// Addresses that have a connection.
    var addresses: Int { counts.withLockedValue { $0.count } }

    /// `nil` for those who are not counted.
    private func key(_ peer: SocketAddress?) -> [UInt8]? {
        guard let bytes = peer?.ipAddress.flatMap({ IPAddress($0) })?.unmapped.bytes, !exempt.contains(peer) else { return nil }
        let isLoopback = bytes.count == 4 ? bytes[0] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1]
        return isLoopback ? nil : Array(bytes.prefix(8))
    }
}
