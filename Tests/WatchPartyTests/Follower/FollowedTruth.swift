/// What a client needs of a `PartyState`. Moments are milliseconds, stretches of film seconds.
struct FollowedState: Codable, Equatable, Sendable {
    var entryId = "a"
    var sequence: Int64 = 1
    var playing: Bool
    var position: Double
    var rate = 1.0
    var at: Double
    var duration: Double?
    var held = false

    /// Where the film is, as if this had held for ever.
    func position(at now: Double) -> Double {
        let place = playing ? position + (now - at) / 1000 * rate : position
        return max(0, min(place, duration ?? .infinity))
    }
}

/// The states that a client was told of: the one that holds, and those whose moment has not come.
struct FollowedTruth {
    private static let kept = 8
    private var states: [FollowedState] = []

    var latest: FollowedState? { states.last }

    /// Older news changes nothing. Of a film that is not shown any more nothing is kept.
    mutating func taken(_ state: FollowedState) {
        if let latest, state.sequence < latest.sequence { return }
        let before = states.filter { $0.sequence < state.sequence && $0.at < state.at && $0.entryId == state.entryId }
        states = (before + [state]).suffix(Self.kept)
    }

    /// The latest whose moment has come; while there is none, the first, which stands.
    func inForce(at now: Double) -> FollowedState? {
        if let present = states.last(where: { $0.at <= now }) { return present }
        guard var first = states.first else { return nil }
        first.playing = false
        return first
    }

    /// Milliseconds until another state holds; `nil` for none.
    func nextTurn(after now: Double) -> Double? { states.first { $0.at > now }.map { $0.at - now } }
}
