/// What a player has to do to be where all are: the reference for client authors, see `docs/watch-party.md`.
///
/// It is shown the state that holds, the server's clock and the player, and says what to do. It touches nothing.
struct Follower {
    /// The player was told to go and has not gone yet.
    private struct Start { var at: Double, from: Double }

    /// Seconds from asking for another place to having come there, and from asking to play to playing; as measured.
    private(set) var cost: Double?
    private(set) var lag: Double?
    /// Milliseconds until the next look, if nothing happens before.
    private(set) var lookIn = FollowRules.look
    private(set) var isBuffering = false
    private var key = ""
    private var start: Start?
    private var soughtAt: Double?
    private var hasLanded = false
    private var isExact = false
    private var isCorrecting = false
    private var quietUntil = -Double.infinity
    /// Where it was seen last while it went, and since when it may lack film.
    private var place: Double?
    private var lacksSince: Double?
    private var said = ""

    // MARK: A look

    /// - Parameter now: milliseconds of the server's clock.
    mutating func follow(_ state: FollowedState, now: Double, player: FollowedPlayer) -> [FollowAction] {
        lookIn = FollowRules.look
        turn(to: state)
        arrive(now, player)
        let wanted = state.position(at: now)
        let goes = state.playing && wanted < state.duration ?? .infinity
        var actions: [FollowAction] = []
        if player.isLoaded {
            let look = Look(state: state, now: now, player: player, wanted: wanted)
            actions = goes ? go(look) : stand(look)
        } else { isBuffering = true }
        if player.hasEnough { isBuffering = false }
        return actions + report(state)
    }

    private struct Look {
        var state: FollowedState, now: Double, player: FollowedPlayer, wanted: Double
        var drift: Double { player.position - wanted }
        var rate: [FollowAction] { rate(state.rate) }
        func rate(_ rate: Double) -> [FollowAction] { abs(player.rate - rate) > 0.0005 ? [.rate(rate)] : [] }
    }

    /// Another motion ends what was begun for the one before.
    private mutating func turn(to state: FollowedState) {
        let next = "\(state.entryId) \(state.at) \(state.position) \(state.rate) \(state.playing)"
        guard next != key else { return }
        (key, start, quietUntil) = (next, nil, -.infinity)
        (isExact, isCorrecting, hasLanded) = (false, false, false)
    }

    /// Notes what a seek has cost; what nothing came for has cost nothing.
    private mutating func arrive(_ now: Double, _ player: FollowedPlayer) {
        guard let asked = soughtAt, !player.isSeeking else { return }
        if !isBuffering { cost = Self.learnt(cost, (now - asked) / 1000, most: FollowRules.longestCost) }
        soughtAt = nil
        hasLanded = true
    }

    // MARK: Standing

    private mutating func stand(_ look: Look) -> [FollowAction] {
        (start, place, lacksSince, isCorrecting) = (nil, nil, nil, false)
        guard look.player.isPaused else { return [.pause] + look.rate }
        guard !look.player.isSeeking else { return look.rate }
        let isOff = abs(look.drift) > (isExact ? FollowRules.leapStanding : FollowRules.begin)
        isExact = true
        guard isOff else { return look.rate }
        soughtAt = look.now
        return look.rate + [.seek(to: look.wanted)]
    }

    // MARK: Going

    private mutating func go(_ look: Look) -> [FollowAction] {
        if look.player.isSeeking {
            lack(look.now, at: look.drift, look.player)
            return []
        }
        return look.player.isPaused ? begin(look) : goOn(look)
    }

    /// A player that stands goes when the film comes to where it is.
    private mutating func begin(_ look: Look) -> [FollowAction] {
        if let start, look.now - start.at < FollowRules.again { return [] }
        if look.drift > FollowRules.landing || look.drift < -threshold && !hasLanded { return leap(look) }
        let early = look.drift / look.state.rate - (lag ?? 0)
        // Less than a millisecond is nothing to wait for.
        if early > 0.001 {
            lookIn = min(FollowRules.look, early * 1000)
            return []
        }
        start = Start(at: look.now, from: look.player.position)
        return look.rate + [.play]
    }

    private mutating func goOn(_ look: Look) -> [FollowAction] {
        guard hasGone(look) else { return [] }
        guard look.now >= quietUntil else { return [] }
        if look.drift < -threshold || look.drift > FollowRules.landing { return [.pause] + leap(look) }
        if look.drift > threshold {
            isCorrecting = false
            return [.pause] + look.rate
        }
        return correct(look)
    }

    /// Whether it has moved since the last look; when it begins to, nothing is corrected for a while.
    private mutating func hasGone(_ look: Look) -> Bool {
        guard abs(look.player.position - (start?.from ?? place ?? -1)) > 0.001 else {
            lack(look.now, at: look.drift, look.player)
            return false
        }
        if let start {
            let began = look.now - (look.player.position - start.from) / look.player.rate * 1000
            if !isBuffering { lag = Self.learnt(lag, (began - start.at) / 1000, most: FollowRules.longestLag) }
            quietUntil = began + FollowRules.quiet
        }
        (start, hasLanded, isBuffering) = (nil, false, false)
        (place, lacksSince) = (look.player.position, look.now)
        return true
    }

    /// To where the film will be by the time the player is there, and a little farther.
    private mutating func leap(_ look: Look) -> [FollowAction] {
        soughtAt = look.now
        isCorrecting = false
        let to = look.wanted + ((cost ?? FollowRules.firstCost) + FollowRules.slack) * look.state.rate
        return look.rate + [.seek(to: min(to, look.state.duration ?? .infinity))]
    }

    private mutating func correct(_ look: Look) -> [FollowAction] {
        isCorrecting = abs(look.drift) > (isCorrecting ? FollowRules.end : FollowRules.begin)
        let part = isCorrecting ? max(-FollowRules.most, min(look.drift * FollowRules.gain, FollowRules.most)) : 0
        return look.rate(look.state.rate * (1 - part))
    }

    private var threshold: Double { min(max(FollowRules.leap, FollowRules.leapCosts * (cost ?? 0)), FollowRules.landing) }

    private static func learnt(_ mean: Double?, _ latest: Double, most: Double) -> Double {
        let latest = max(0, min(latest, most))
        return mean.map { $0 + (latest - $0) * FollowRules.weight } ?? latest
    }

    // MARK: Telling

    /// It should go and does not; whoever is ahead of the film only waits for it.
    private mutating func lack(_ now: Double, at drift: Double, _ player: FollowedPlayer) {
        guard drift <= 0, !player.hasEnough else { return lacksSince = nil }
        let since = lacksSince ?? now
        lacksSince = since
        if now - since >= FollowRules.still { isBuffering = true }
    }

    private mutating func report(_ state: FollowedState) -> [FollowAction] {
        let next = isBuffering ? "buffering" : !state.playing ? (state.held ? "ready" : "paused") : isUnderway ? said : "playing"
        guard next != said else { return [] }
        said = next
        return [.report(next)]
    }

    /// Whether it has begun, or is about to, and does not go yet.
    private var isUnderway: Bool { start != nil || soughtAt != nil || hasLanded }
}
