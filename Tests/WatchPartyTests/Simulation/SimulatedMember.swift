import Core
import TestSupport

@testable import WatchParty

/// Somebody with a player, a clock of their own and a line to the server, who follows the rules.
struct SimulatedMember {
    let person: Person
    let clock: SimulatedClock
    let joinsAt: Double
    var up: SimulatedLink
    var down: SimulatedLink
    var player: SimulatedPlayer
    var follower = Follower()
    var measured = FollowedClock()
    var truth = FollowedTruth()
    var isPresent = false
    /// What was said last; said again while it lasts.
    var said = ""
    /// Its own chances, so that nobody else's life depends on them.
    var random: SeededGenerator
    /// Only the look that was arranged last takes place.
    var looks = 0

    /// The server's clock as it is known here.
    func serverTime(at now: Double) -> Double? { measured.offset.map { clock.reading(at: now) + $0 } }

    /// When what is sent now arrives at the server, and what the server sends here.
    mutating func sent(at now: Double) -> Double { up.arrival(of: now, &random) }
    mutating func heard(at now: Double) -> Double { down.arrival(of: now, &random) }

    /// Looks at the player and does what the rules say.
    /// - Returns: what the room is told, and milliseconds until the next look.
    mutating func look(at now: Double) -> (reports: [String], next: Double) {
        player.advance(to: now)
        guard let time = serverTime(at: now), let state = truth.inForce(at: time) else { return ([], FollowRules.look) }
        let seen = player.seen(noise: Double.random(in: -0.003...0.003, using: &random))
        let reports = follower.follow(state, now: time, player: seen).compactMap { perform($0) }
        let sought = player.seek.map { $0.doneAt > now ? $0.doneAt - now : .infinity } ?? .infinity
        return (reports, min(follower.lookIn, truth.nextTurn(after: time) ?? .infinity, sought))
    }

    private mutating func perform(_ action: FollowAction) -> String? {
        switch action {
        case .pause: player.pause()
        case .play: player.play(startingAfter: Double.random(in: player.make.startLag, using: &random))
        case .rate(let rate): player.setRate(rate)
        case .seek(let place): player.seek(to: place, taking: Double.random(in: player.make.seekCost, using: &random))
        case .report(let state):
            said = state
            return state
        }
        return nil
    }
}
