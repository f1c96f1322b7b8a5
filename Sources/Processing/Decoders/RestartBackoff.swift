/// How long to wait before a decoder is started again; pure. One that lived long enough starts at once, one that dies
/// right away less and less often.
struct RestartBackoff {
    static let healthyLife = Duration.seconds(1)
    static let first = Duration.milliseconds(200)
    static let longest = Duration.seconds(10)

    private var failures = 0

    /// - Parameter hasWorked: whether the child ended a job properly.
    mutating func pause(afterLifeOf life: Duration, hasWorked: Bool) -> Duration {
        if hasWorked || life >= Self.healthyLife {
            failures = 0
            return .zero
        }
        failures += 1
        return min(Self.longest, Self.first * (1 << min(failures - 1, 10)))
    }
}
