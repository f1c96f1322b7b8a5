/// A token bucket: so many bytes a second, and as many as come in a second at once. Pure: the times are given.
struct TokenBucket: Sendable, Equatable {
    /// Bytes per second.
    let rate: Double
    /// Bytes that may go at once; below zero, bytes that have been promised to those who wait.
    private var level: Double
    private var lookedAt: ContinuousClock.Instant

    /// A full one.
    init(rate: Double, at now: ContinuousClock.Instant) {
        self.rate = rate
        level = rate
        lookedAt = now
    }

    /// Whether it is as a new one would be.
    func isFull(at now: ContinuousClock.Instant) -> Bool { filled(at: now) >= rate }

    /// Takes bytes out.
    /// - Returns: how long they have to wait; whoever comes later waits for them too.
    mutating func take(_ count: Int, at now: ContinuousClock.Instant) -> Duration {
        level = filled(at: now) - Double(count)
        lookedAt = max(lookedAt, now)
        return level >= 0 ? .zero : .seconds(-level / rate)
    }

    private func filled(at now: ContinuousClock.Instant) -> Double {
        min(rate, level + rate * (max(.zero, lookedAt.duration(to: now)) / .seconds(1)))
    }
}
