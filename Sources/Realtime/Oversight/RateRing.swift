import NIOCore

/// Totals as they were in each of the last seconds, for rates.
struct RateRing {
    struct Totals: Equatable {
        var published = 0
        var delivered = 0
    }

    /// Samples: a minute of one in each second, and the one before.
    static let capacity = 61

    private var samples: CircularBuffer<(at: NIODeadline, totals: Totals)>

    /// - Parameter start: when all totals were 0.
    init(since start: NIODeadline) { samples = [(start, Totals())] }

    /// Takes note of the totals, to be called about once in a second.
    mutating func note(_ totals: Totals, at now: NIODeadline) {
        if samples.count == Self.capacity { samples.removeFirst() }
        samples.append((now, totals))
    }

    /// What was added in each second of a span, on average: since the beginning, or as far back as is known, if that is less.
    /// - Parameter totals: as they are now.
    func rate(of number: KeyPath<Totals, Int>, over span: TimeAmount, _ totals: Totals, at now: NIODeadline) -> Double {
        guard let first = samples.last(where: { now - $0.at >= span }) ?? samples.first, now > first.at else { return 0 }
        let seconds = Double((now - first.at).nanoseconds) / 1e9
        return Double(totals[keyPath: number] - first.totals[keyPath: number]) / seconds
    }
}
