import TestSupport

/// What a network does to messages of one direction: they take their time, are lost and sent again, and stay in order.
struct SimulatedLink {
    /// Milliseconds of the way, and what comes on top of it at most.
    var base: Double
    var jitter: Double
    /// How many of a thousand are sent again.
    var lossPerMille: Int
    private var lastArrival = 0.0

    init(base: Double, jitter: Double, lossPerMille: Int) {
        (self.base, self.jitter, self.lossPerMille) = (base, jitter, lossPerMille)
    }

    /// When what is sent now arrives.
    mutating func arrival(of now: Double, _ random: inout SeededGenerator) -> Double {
        var way = base + Double.random(in: 0...max(jitter, 0.001), using: &random)
        while Int.random(in: 0..<1000, using: &random) < lossPerMille { way += 200 + 2 * base }
        lastArrival = max(lastArrival, now + way)
        return lastArrival
    }
}

/// A clock that was set wrong and runs a little fast or slow.
struct SimulatedClock {
    var offset: Double
    var partsPerMillion: Double

    func reading(at now: Double) -> Double { now * (1 + partsPerMillion / 1_000_000) + offset }
}
