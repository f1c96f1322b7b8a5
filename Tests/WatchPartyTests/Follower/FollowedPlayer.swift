/// What a client sees of its player; what the vectors leave out is as it is in the middle of good play.
struct FollowedPlayer: Decodable, Equatable, Sendable {
    /// Seconds.
    var position: Double
    var rate = 1.0
    var isPaused = false
    var isSeeking = false
    /// Whether it knows its film.
    var isLoaded = true
    /// Seconds from here on that have come.
    var ahead = 30.0
    var duration = 600.0

    /// Whether it could go on for a while.
    var hasEnough: Bool { isLoaded && !isSeeking && (ahead >= FollowRules.enough || position + ahead >= duration - 0.1) }
}

/// What a player is told, and what the room is.
enum FollowAction: Equatable, Sendable {
    case pause, play
    case rate(Double)
    case seek(to: Double)
    case report(String)
}

/// The numbers of `docs/watch-party.md`: stretches of film are seconds, stretches of time milliseconds.
enum FollowRules {
    /// Between two looks at the player.
    static let look = 250.0
    /// Drift beyond which the rate corrects, and below which it stops doing so.
    static let begin = 0.025
    static let end = 0.008
    /// The part of the drift that is made up for in a second, and how far the rate may depart for that.
    static let gain = 2.0
    static let most = 0.5
    /// Drift beyond which a player is put where it belongs: at least, and in costs of a seek.
    static let leap = 0.5
    static let leapCosts = 3.0
    /// The same for a film that stands and was put exactly where it belongs before.
    static let leapStanding = 0.15
    /// Who is ahead by less waits for the film instead of seeking; who is behind by more always seeks.
    static let landing = 3.0
    /// What a seek costs before one was measured, what is added to land ahead, and the most that is believed.
    static let firstCost = 0.3
    static let slack = 0.1
    static let longestCost = 3.0
    static let longestLag = 0.5
    /// How much the latest measurement counts in the mean.
    static let weight = 0.25
    /// After going on, in which nothing is corrected.
    static let quiet = 300.0
    /// Standing still behind the film for so long means that nothing has come.
    static let still = 400.0
    /// Film that has to be there before one goes on.
    static let enough = 2.0
    /// Between two attempts to begin.
    static let again = 1000.0
}
