import Core
import Logging
import Metrics
import NIOConcurrencyHelpers

/// What every connection of the wire needs of the rest of the house.
struct WireHouse: Sendable {
    let hub: Hub
    let broker: any Broker
    let table: EventTable
    let authenticator: any Authenticator
    let grants: any GrantChecker
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

    func opened() { change(by: 1) }

    func closed() { change(by: -1) }

    private func change(by step: Int) {
        gauge.record(
            count.withLockedValue { count in
                count += step
                return count
            })
    }
}
