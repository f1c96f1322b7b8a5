import Metrics
import NIOConcurrencyHelpers

/// How many connections are open over all wires, bounded.
final class ConnectionCount: Sendable {
    private let counts = NIOLockedValueBox<[WireKind: Int]>([:])
    private let gauges: [WireKind: Gauge]
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
        let gauges = WireKind.allCases.map { ($0, Gauge(label: "lumiere_realtime_connections", dimensions: [("wire", $0.rawValue)])) }
        self.gauges = Dictionary(uniqueKeysWithValues: gauges)
    }

    var isFull: Bool { counts.withLockedValue { $0.values.reduce(0, +) >= limit } }

    /// - Returns: whether there was room for it; several may have asked for the last place at the same time.
    func opened(_ wire: WireKind) -> Bool { change(wire, by: 1) <= limit }

    func closed(_ wire: WireKind) { _ = change(wire, by: -1) }

    private func change(_ wire: WireKind, by step: Int) -> Int {
        let (count, total) = counts.withLockedValue { counts in
            counts[wire, default: 0] += step
            return (counts[wire] ?? 0, counts.values.reduce(0, +))
        }
        gauges[wire]?.record(count)
        return total
    }
}
