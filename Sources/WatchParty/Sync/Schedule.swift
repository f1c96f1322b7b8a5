import Core

/// How far ahead a change is scheduled, so that everybody has heard of it when its moment comes.
enum Schedule {
    /// The same room, or very near.
    static let least = Duration.milliseconds(200)
    /// Who is farther away acts late.
    static let most = Duration.seconds(2)
    /// Another film is shown so much earlier than it begins: it has to be opened first.
    static let opening = Duration.seconds(1)
    /// Nothing is ever scheduled farther ahead.
    static let farthest = most + opening

    /// Two ways there and back: one may be lost.
    /// - Parameter highestRoundTrip: milliseconds, of those present who said so lately; `nil` for none.
    static func lead(highestRoundTrip: Double?) -> Duration {
        guard let highestRoundTrip, highestRoundTrip.isFinite, highestRoundTrip > 0 else { return least }
        // Compared before it is converted: any number can be said.
        let wanted = min(2 * highestRoundTrip, Double(most.milliseconds))
        return max(least, .milliseconds(Int64(wanted)))
    }
}
