import Core
import Logging
import Metrics
import NIOConcurrencyHelpers

/// What every connection of the wire needs of the rest of the house.
struct WireHouse: Sendable {
    let hub: Hub
    let presence: PresenceBoard
    let broker: any Broker
    let table: EventTable
    let authenticator: any Authenticator
    let grants: any GrantChecker
    let credentials: any RevocationChecker
    let sessions: any TopicAuthorizer
    let clock: any WallClock
    let logger: Logger
    let connections: ConnectionCount
}

/// How many connections are open, bounded.
final class ConnectionCount: Sendable {
    private let count = NIOLockedValueBox(0)
    private let gauge = Gauge(label: "lumiere_ws_connections")
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    var isFull: Bool { count.withLockedValue { $0 >= limit } }

    /// - Returns: whether there was room for it; several may have asked for the last place at the same time.
    func opened() -> Bool { change(by: 1) <= limit }

    func closed() { _ = change(by: -1) }

    private func change(by step: Int) -> Int {
        let count = count.withLockedValue { count in
            count += step
            return count
        }
        gauge.record(count)
        return count
    }
}
