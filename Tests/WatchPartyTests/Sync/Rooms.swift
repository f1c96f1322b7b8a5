import Core
import TestSupport

@testable import WatchParty

let anna = Person.user(UserID(at: Timestamp(milliseconds: 1)))
let boris = Person.guest(GrantID(at: Timestamp(milliseconds: 2)))

/// A moment so many seconds after the tests begin.
func at(_ seconds: Double) -> Timestamp { Timestamp(milliseconds: 1_000_000 + Int64((seconds * 1000).rounded())) }

/// What takes effect half a second after it was asked for, in all of these tests.
let lead = Duration.milliseconds(500)

extension Room {
    /// One that shows ten minutes, standing at the beginning.
    static func showing(_ duration: Double? = 600, waitSeconds: Int = 10) -> Room {
        var room = Room(waitSeconds: waitSeconds, now: at(-100))
        _ = try? room.carryOut(.select(RoomFilm(entry: "a", duration: duration)), by: nil, basedOn: 0, now: at(-100), lead: lead)
        return room
    }

    /// The same, playing since the tests began.
    static func playing(_ duration: Double? = 600, waitSeconds: Int = 10) -> Room {
        var room = showing(duration, waitSeconds: waitSeconds)
        _ = try? room.does(.play(), 0 - 0.5)
        return room
    }

    /// A command by somebody who knows the truth, so many seconds after the tests begin.
    @discardableResult
    mutating func does(_ command: RoomCommand, _ seconds: Double) throws(RoomRefusal) -> Bool {
        try carryOut(command, by: anna, basedOn: sequence, now: at(seconds), lead: lead)
    }

    mutating func lacks(_ person: Person, _ seconds: Double) -> Bool { buffering(person, now: at(seconds), lead: lead) }
    mutating func has(_ person: Person, _ seconds: Double) -> Bool { ready(person, now: at(seconds), lead: lead) }
    mutating func wakes(_ seconds: Double, next: RoomFilm? = nil) -> Waking { wake(now: at(seconds), lead: lead, next: next) }
}

/// Whether two numbers are the same but for what is lost in counting.
func isNear(_ left: Double, _ right: Double) -> Bool { abs(left - right) < 0.000_001 }
