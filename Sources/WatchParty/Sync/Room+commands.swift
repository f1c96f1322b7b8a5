import Core

extension Room {
    /// Carries out a command if it is based on the truth there is.
    /// - Parameters:
    ///   - person: `nil` for nobody in particular, e.g. a vote.
    ///   - sequence: that of the truth which the command is based on.
    ///   - lead: how far ahead it takes effect, see `Schedule`.
    /// - Returns: whether there is another truth; what is already so needs none.
    mutating func carryOut(
        _ command: RoomCommand, by person: Person?, basedOn sequence: Int64, now: Timestamp, lead: Duration
    ) throws(RoomRefusal) -> Bool {
        guard sequence == self.sequence else { throw .stale }
        try check(command)
        guard changes(command, now: now) else { return false }
        apply(command, by: person, now: now, start: now + lead)
        return true
    }

    private func check(_ command: RoomCommand) throws(RoomRefusal) {
        switch command {
        case .select, .next: return
        case .rate(let rate):
            guard RoomCommand.rates.contains(rate) else { throw .invalid(field: "rate", "A film plays at 0.5 to 2 times its speed.") }
        case .play(let position), .pause(let position):
            guard position?.isFinite != false else { throw .invalid(field: "position", "A position is a number of seconds.") }
        case .seek(let position):
            guard position.isFinite else { throw .invalid(field: "position", "A position is a number of seconds.") }
        }
        guard film != nil else { throw .nothingShown }
    }

    private func changes(_ command: RoomCommand, now: Timestamp) -> Bool {
        switch command {
        case .play(nil): !isPlaying || isOver(at: now)
        case .play: true
        case .pause(let position): isPlaying || position.map(isElsewhere) ?? false
        case .seek(let position): isElsewhere(position)
        case .rate(let rate): rate != truth.rate
        case .select: true
        case .next(let next): next != nil || film != nil
        }
    }

    /// Whether the film would have to move to be at a position.
    private func isElsewhere(_ position: Double) -> Bool {
        truth.isMoving || min(max(position, 0), film?.end ?? 0) != truth.position
    }

    private mutating func apply(_ command: RoomCommand, by person: Person?, now: Timestamp, start: Timestamp) {
        switch command {
        case .play(let position):
            become(.play, by: person, playing: true, position: position ?? beginning(follows(start, now: now)), from: start, now: now)
        case .pause(let position):
            waits.clear(now: now)
            become(.pause, by: person, playing: false, position: position, from: start, now: now)
        case .seek(let position): become(.seek, by: person, playing: isPlaying, position: position, from: start, now: now)
        case .rate(let rate): become(.rate, by: person, playing: isPlaying, rate: rate, from: start, now: now)
        case .select(let film):
            waits.clear(now: now)
            show(film, .select, by: person, playing: isPlaying, from: start)
        case .next(let film):
            waits.clear(now: now)
            show(film, .next, by: person, playing: true, from: start)
        }
    }

    /// What plays at its end plays from the beginning.
    private func beginning(_ start: Timestamp) -> Double? {
        guard let duration = film?.duration, position(at: start) >= duration else { return nil }
        return 0
    }
}
