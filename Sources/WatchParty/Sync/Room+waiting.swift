import Core

extension Room {
    /// What came of waking a room.
    enum Waking: Equatable {
        case nothing
        /// Somebody is not waited for any longer.
        case changed
        /// The film came to its end; the next one, if one was given, is shown.
        case ended
    }

    /// A member is short of data: the room stands where it will be in a moment, and waits for a while.
    ///
    /// To be told of each report that says so, not only of the first, and only of members that have been in step once.
    /// - Returns: whether there is another truth.
    mutating func buffering(_ person: Person, now: Timestamp, lead: Duration) -> Bool {
        guard isPlaying, !isOver(at: now) else { return false }
        let wasHeld = isHeld
        guard waits.begin(person, patience: .seconds(waitSeconds), now: now) else { return false }
        if wasHeld { tell(.wait) } else { become(.wait, playing: true, from: now + lead, now: now) }
        return true
    }

    /// A member plays, or could.
    /// - Returns: whether there is another truth.
    mutating func ready(_ person: Person, now: Timestamp, lead: Duration) -> Bool {
        guard waits.end(person, now: now) else { return false }
        goOn(now: now, lead: lead)
        return true
    }

    /// A member has gone. Coming back does not buy the room's patience anew.
    /// - Returns: whether there is another truth.
    mutating func left(_ person: Person, now: Timestamp, lead: Duration) -> Bool { ready(person, now: now, lead: lead) }

    /// Does what is due at `wakesAt`.
    /// - Parameter next: what is shown if the film is over (see `isOver`).
    mutating func wake(now: Timestamp, lead: Duration, next: RoomFilm? = nil) -> Waking {
        if isOver(at: now) {
            end(next: next, now: now, lead: lead)
            return .ended
        }
        guard waits.expire(now: now) else { return .nothing }
        goOn(now: now, lead: lead)
        return .changed
    }

    /// Fewer are waited for than before: the film goes on from where it stands, if it was the last.
    private mutating func goOn(now: Timestamp, lead: Duration) {
        if waits.isEmpty { become(.resume, playing: isPlaying, from: now + lead, now: now) } else { tell(.wait) }
    }

    private mutating func end(next: RoomFilm?, now: Timestamp, lead: Duration) {
        waits.clear(now: now)
        if let next {
            show(next, .next, playing: true, from: now + lead)
        } else {
            become(.end, playing: false, position: film?.end, from: now, now: now)
        }
    }
}
