import Metrics
import NIOConcurrencyHelpers

/// How many connections are open over all wires, bounded, and what those ended by that are not any more.
final class ConnectionCount: Sendable {
    private struct State: Sendable {
        var open = WireCounts()
        var ended: [Ending: Int] = [:]
    }

    private let state = NIOLockedValueBox(State())
    private let gauges: [WireKind: Gauge]
    private let endings: [Ending: Counter]
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
        let gauges = WireKind.allCases.map { ($0, Gauge(label: "lumiere_realtime_connections", dimensions: [("wire", $0.rawValue)])) }
        self.gauges = Dictionary(uniqueKeysWithValues: gauges)
        let endings = Ending.allCases.map { ($0, Counter(label: "lumiere_realtime_closed", dimensions: [("reason", $0.rawValue)])) }
        self.endings = Dictionary(uniqueKeysWithValues: endings)
    }

    var isFull: Bool { open.total >= limit }

    var open: WireCounts { state.withLockedValue { $0.open } }
    /// How many ended by what, since the beginning.
    var ended: [Ending: Int] { state.withLockedValue { $0.ended } }

    /// - Returns: whether there was room for it; several may have asked for the last place at the same time.
    func opened(_ wire: WireKind) -> Bool { change(wire, by: 1).total <= limit }

    func closed(_ wire: WireKind, by ending: Ending) {
        _ = change(wire, by: -1)
        state.withLockedValue { $0.ended[ending, default: 0] += 1 }
        endings[ending]?.increment()
    }

    private func change(_ wire: WireKind, by step: Int) -> WireCounts {
        let counts = state.withLockedValue { state in
            state.open[wire] += step
            return state.open
        }
        gauges[wire]?.record(counts[wire])
        return counts
    }
}
