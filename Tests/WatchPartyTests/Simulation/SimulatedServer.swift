import Core

@testable import WatchParty

/// The server's part: a room, who is present, and what the room has been through.
struct SimulatedServer {
    /// Real moments become the server's by this, which is far from what any client's clock says.
    static let epoch = 1_795_000_000_000.0

    private(set) var room: Room
    private(set) var roundTrips: [Person: Double] = [:]
    private var inStep: Set<Person> = []
    /// The seek whose moment may not have come.
    private var goal: RoomMotion?
    private(set) var tally = Tally()
    /// What comes after the films that end.
    var upcoming: [RoomFilm] = []

    struct Tally {
        var accepted = 0
        var unchanged = 0
        var stale = 0
        var waits = 0
        var ends = 0
        /// Commands that changed something and must not.
        var harm = 0
        /// Seeks that were undone by something that says nothing of the place.
        var undone = 0

        mutating func add(_ other: Tally) {
            accepted += other.accepted
            unchanged += other.unchanged
            stale += other.stale
            waits += other.waits
            ends += other.ends
            harm += other.harm
            undone += other.undone
        }
    }

    init(waitSeconds: Int, film: RoomFilm) {
        let now = Self.time(0)
        room = Room(waitSeconds: waitSeconds, now: now)
        _ = try? room.carryOut(.select(film), by: nil, basedOn: 0, now: now, lead: .zero)
        tally.accepted += 1
    }

    static func time(_ now: Double) -> Timestamp { Timestamp(milliseconds: Int64(epoch + now)) }
    static func reading(_ now: Double) -> Double { (epoch + now).rounded(.down) }

    private var lead: Duration { Schedule.lead(highestRoundTrip: roundTrips.values.max()) }

    /// The truth as it is sent.
    var state: FollowedState {
        FollowedState(
            entryId: room.film?.entry ?? "", sequence: room.sequence, playing: room.truth.isMoving, position: room.truth.position,
            rate: room.truth.rate, at: Double(room.truth.at.milliseconds), duration: room.film?.duration, held: room.isHeld)
    }

    // MARK: What comes in; each says whether there is another truth

    mutating func command(_ command: RoomCommand, by person: Person, basedOn sequence: Int64, now: Double) -> Bool {
        let before = room
        do {
            let isChanged = try room.carryOut(command, by: person, basedOn: sequence, now: Self.time(now), lead: lead)
            if isChanged { tally.accepted += 1 } else { tally.unchanged += 1 }
            if isChanged { note(command, now: now) }
            if !isChanged, room != before { tally.harm += 1 }
            return isChanged
        } catch {
            if room != before { tally.harm += 1 }
            tally.stale += 1
            return false
        }
    }

    private mutating func note(_ command: RoomCommand, now: Double) {
        switch command {
        case .seek: goal = room.truth
        case .select, .next: goal = nil
        case .play, .pause, .rate: look(now: now)
        }
    }

    /// Whether the last seek is going to come true.
    private mutating func look(now: Double) {
        guard let goal, goal.at > Self.time(now) else { return }
        if !isNear(room.position(at: goal.at), goal.position) { tally.undone += 1 }
    }

    mutating func status(_ state: String, of person: Person, roundTrip: Double?, now: Double) -> Bool {
        roundTrips[person] = roundTrip
        if state == "playing" { inStep.insert(person) }
        let isChanged =
            switch state {
            case "buffering": inStep.contains(person) && room.buffering(person, now: Self.time(now), lead: lead)
            case "playing", "ready": room.ready(person, now: Self.time(now), lead: lead)
            default: false
            }
        if isChanged { tally.waits += 1 }
        look(now: now)
        return isChanged
    }

    mutating func left(_ person: Person, now: Double) -> Bool {
        roundTrips[person] = nil
        inStep.remove(person)
        let isChanged = room.left(person, now: Self.time(now), lead: lead)
        if isChanged { tally.waits += 1 }
        look(now: now)
        return isChanged
    }

    mutating func wake(now: Double) -> Bool {
        guard let due = room.wakesAt, due <= Self.time(now) else { return false }
        let next = room.isOver(at: Self.time(now)) ? upcoming.popLast() : nil
        switch room.wake(now: Self.time(now), lead: lead, next: next) {
        case .nothing: return false
        case .changed: tally.waits += 1
        case .ended:
            tally.ends += 1
            goal = nil
        }
        look(now: now)
        return true
    }
}
