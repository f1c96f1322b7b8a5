/// How long to wait before the next attempt: doubling up to a cap, with a random half so that nodes do not come together.
struct Backoff: Sendable {
    private static let first = Duration.milliseconds(50)
    static let longest = Duration.seconds(2)

    private var failures = 0

    /// - Parameter random: from 0 up to 1.
    mutating func next(_ random: Double) -> Duration {
        let whole = min(Self.first * (1 << min(failures, 10)), Self.longest)
        failures += 1
        return whole * (0.5 + random / 2)
    }

    mutating func reset() { failures = 0 }
}
