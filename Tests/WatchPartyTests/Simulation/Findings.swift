import Core

@testable import WatchParty

/// What a simulated party has shown.
struct Findings {
    /// Seconds that players were away from the truth: ten seconds after the last change, one second after, and two
    /// seconds after coming in.
    private(set) var settled: [Double] = []
    private(set) var standing: [Double] = []
    private(set) var soon: [Double] = []
    private(set) var landed: [Double] = []
    /// Rules that were broken.
    private(set) var violations: [String] = []
    /// The truths there were.
    private(set) var states: [FollowedState]
    private(set) var tally = SimulatedServer.Tally()
    /// Milliseconds in which the room was held, and how often.
    private(set) var heldFor = 0.0
    private(set) var holds = 0
    var commands = 0

    private var heldSince: Double?
    private var changedAt = 0.0

    init(state: FollowedState) { states = [state] }

    /// There is another truth.
    mutating func changed(_ server: SimulatedServer, now: Double) {
        let state = server.state
        let before = states[states.count - 1]
        if state.sequence != before.sequence + 1 { violations.append("sequence \(before.sequence) to \(state.sequence)") }
        if state.at != before.at || state.entryId != before.entryId { changedAt = state.at - SimulatedServer.epoch }
        if state.held, state.playing { violations.append("plays while it is held") }
        if !state.held, let since = heldSince { heldFor += now - since }
        if state.held, heldSince == nil { holds += 1 }
        heldSince = state.held ? heldSince ?? now : nil
        states.append(state)
    }

    /// Looks at everybody's player.
    mutating func sample(_ members: [SimulatedMember], _ server: SimulatedServer, now: Double) {
        let moment = SimulatedServer.time(now)
        for member in members where member.isPresent && !isStarved(member, now) {
            let away = abs(member.player.position - server.room.position(at: moment))
            note(away, isMoving: server.room.motion(at: moment).isMoving, change: now - changedAt, stay: now - member.joinsAt)
        }
    }

    private mutating func note(_ away: Double, isMoving: Bool, change: Double, stay: Double) {
        if min(change, stay) >= 10_000 { if isMoving { settled.append(away) } else { standing.append(away) } }
        guard isMoving else { return }
        if (1000..<1250).contains(change), stay > 10_000 { soon.append(away); }
        if (2000..<2250).contains(stay), change > 2000 { landed.append(away) }
    }

    /// Whose line was dead a moment ago is somewhere else for a good reason.
    private func isStarved(_ member: SimulatedMember, _ now: Double) -> Bool {
        member.player.make.droughts.contains { $0.lowerBound <= now && now < $0.upperBound + 10_000 }
    }

    /// What has to hold of the whole.
    mutating func finish(_ server: SimulatedServer, now: Double) {
        tally = server.tally
        if let heldSince { heldFor += now - heldSince }
        if server.room.isHeld { violations.append("still held at the end") }
        if tally.harm > 0 { violations.append("\(tally.harm) commands changed what they must not") }
        if tally.undone > 0 { violations.append("\(tally.undone) seeks were undone") }
        if Int(server.room.sequence) != tally.accepted + tally.waits + tally.ends {
            violations.append("\(server.room.sequence) truths out of \(tally)")
        }
        // The first film is no command of anybody.
        if tally.accepted - 1 + tally.unchanged + tally.stale > commands { violations.append("more commands than were given") }
    }
}
