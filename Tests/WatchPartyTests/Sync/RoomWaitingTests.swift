import Core
import Testing

@testable import WatchParty

@Suite("Waiting in a room")
struct RoomWaitingTests {
    @Test("who is short of data is waited for, where the truth is, and the film goes on from there")
    func hold() {
        var room = Room.playing()
        #expect(room.lacks(anna, 10) == true)
        #expect(room.isHeld && room.action == .wait && room.by == nil && room.waits.contains(anna))
        #expect(isNear(room.position(at: at(10.2)), 10.2) && isNear(room.position(at: at(13)), 10.5))
        #expect(room.lacks(anna, 11) == false, "it is known already")
        #expect(room.has(anna, 14) == true)
        #expect(!room.isHeld && room.action == .resume)
        #expect(isNear(room.position(at: at(14.4)), 10.5) && isNear(room.position(at: at(15.5)), 11.5))
    }

    @Test("a hold whose moment has not come does not let the film jump back")
    func briefly() {
        var room = Room.playing()
        _ = room.lacks(anna, 10)
        _ = room.has(anna, 10.2)
        let places = stride(from: 9.0, to: 13, by: 0.05).map { room.position(at: at($0)) }
        #expect(zip(places, places.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(isNear(room.position(at: at(12)), 12 - 0.2))
    }

    @Test("everybody who is waited for is named, and the last one lets the film go on")
    func several() {
        var room = Room.playing()
        let before = room.sequence
        #expect(room.lacks(anna, 10) && room.lacks(boris, 12))
        #expect(room.waits.current.map(\.person) == [anna, boris])
        #expect(room.has(anna, 13) && room.isHeld && room.action == .wait)
        #expect(room.left(boris, now: at(14), lead: lead) && !room.isHeld)
        #expect(room.sequence == before + 4)
    }

    @Test("the room waits so long and no longer, and not again before a minute without lack")
    func patience() {
        var room = Room.playing()
        _ = room.lacks(anna, 10)
        #expect(room.wakesAt == at(20) && room.wakes(19.9) == .nothing)
        #expect(room.wakes(20) == .changed && room.action == .resume)
        #expect(room.lacks(anna, 21) == false, "patience is at an end")
        #expect(!room.has(anna, 30) && !room.lacks(anna, 89.9) && !room.has(anna, 95))
        #expect(room.lacks(anna, 154.9) == false, "the lack meanwhile has begun the minute anew")
        _ = room.has(anna, 160)
        #expect(room.lacks(anna, 220) && room.wakesAt == at(230))
    }

    @Test("who comes and goes cannot stop the room for longer than it waits for one, nor at every turn")
    func flapping() {
        var room = Room.playing()
        let before = room.sequence
        var standing = 0
        for tick in 0..<600 {
            let seconds = 10 + Double(tick) / 10
            _ = room.wakes(seconds)
            _ = tick % 3 == 0 ? room.has(anna, seconds) : tick % 20 == 19 ? room.left(anna, now: at(seconds), lead: lead) : room.lacks(anna, seconds)
            if !room.motion(at: at(seconds)).isMoving { standing += 1 }
        }
        #expect(standing <= 100, "tenths of a second in which the film stood")
        #expect(room.sequence - before <= 20)
    }

    /// Seconds that a room stands in a minute and a half, in which others are short of data at every turn.
    private static func standing(_ room: inout Room, _ person: (Int) -> Person, isHonest: Bool) -> Double {
        var standing = 0.0
        for tick in 0..<900 {
            let seconds = 10 + Double(tick) / 10
            _ = room.wakes(seconds)
            if tick % 50 == 0, isHonest { _ = room.has(person(tick / 50 - 1), seconds) }
            _ = room.lacks(person(tick / 50), seconds)
            if !room.motion(at: at(seconds)).isMoving { standing += 0.1 }
        }
        return standing
    }

    @Test("who comes under ever new names has no more patience of the room than three of them", arguments: [(2, 6.0), (5, 15), (10, 30)])
    func names(waitSeconds: Int, most: Double) {
        for isHonest in [true, false] {
            var room = Room.playing(waitSeconds: waitSeconds)
            let standing = Self.standing(&room, { .guest(GrantID(at: Timestamp(milliseconds: Int64(100 + $0)))) }, isHonest: isHonest)
            // The minute that was played gives it back once in this time, at most.
            #expect(standing <= 2 * most + 1 && standing >= most - 1, "\(standing) s, of honest ones: \(isHonest)")
        }
    }

    @Test("after a minute of playing the room is as patient as before")
    func patientAgain() {
        var room = Room.playing()
        let crowd = (0..<4).map { Person.guest(GrantID(at: Timestamp(milliseconds: Int64(100 + $0)))) }
        for (index, person) in crowd.prefix(3).enumerated() {
            #expect(room.lacks(person, 10 + 20 * Double(index)) == true)
            #expect(room.wakes(20 + 20 * Double(index)) == .changed)
        }
        #expect(!room.lacks(crowd[3], 70) && !room.isHeld, "thirty seconds have been stood")
        #expect(!room.lacks(crowd[3], 99.9) && room.lacks(crowd[3], 100), "a minute has been played")
        #expect(room.wakesAt == at(110))
    }

    @Test("those who are waited for at once cost the room the time that it stands, and no hold is longer than all may have")
    func atOnce() {
        var room = Room.playing()
        let crowd = (0..<8).map { Person.guest(GrantID(at: Timestamp(milliseconds: Int64(100 + $0)))) }
        for (index, person) in crowd.prefix(6).enumerated() {
            #expect(room.lacks(person, 10 + 5 * Double(index)) == true)
            _ = room.wakes(10 + 5 * Double(index))
        }
        #expect(room.isHeld && !room.lacks(crowd[6], 39.5) && room.wakes(39.9) == .nothing)
        #expect(room.wakes(40) == .changed && !room.isHeld && !room.lacks(crowd[7], 41))
    }

    @Test("a room that waits for nobody, stands or is over is not held", arguments: [
        Room.playing(waitSeconds: 0), .showing(), .playing(5), Room(waitSeconds: 5, now: at(0)),
    ])
    func never(room: Room) {
        var room = room
        let before = room
        #expect(room.lacks(anna, 10) == false)
        #expect(room == before)
    }

    @Test("what is commanded while the room waits holds, and the waiting goes on if the film still wants to play", arguments: [
        (RoomCommand.seek(100), 100, true), (.rate(2), 10.5, true), (.play(position: 50), 50, true), (.pause(), 10.5, false),
        (.pause(position: 3), 3, false),
    ] as [(RoomCommand, Double, Bool)])
    func commands(command: RoomCommand, position: Double, isHeld: Bool) throws {
        var room = Room.playing()
        _ = room.lacks(anna, 10)
        #expect(try room.does(command, 12))
        #expect(room.isHeld == isHeld && !room.truth.isMoving && isNear(room.truth.position, position))
        #expect(room.wakesAt == (isHeld ? at(20) : nil), "nobody buys time by a command")
    }

    @Test("playing on what is held already changes nothing; another film is not held")
    func others() throws {
        var room = Room.playing()
        _ = room.lacks(anna, 10)
        #expect(try !room.does(.play(), 12))
        #expect(try room.does(.select(RoomFilm(entry: "b", duration: 60)), 13))
        #expect(!room.isHeld && room.truth.isMoving)
    }

    @Test("a pause ends the waiting, and playing on begins it anew with what is left of the patience")
    func pause() throws {
        var room = Room.playing()
        _ = room.lacks(anna, 10)
        try room.does(.pause(), 14)
        #expect(room.has(anna, 15) == false, "nobody is waited for")
        try room.does(.play(), 20)
        #expect(room.lacks(anna, 21) && room.wakesAt == at(27))
    }

    @Test("only so many are waited for at a time")
    func most() {
        var room = Room.playing()
        let crowd = (0..<100).map { Person.guest(GrantID(at: Timestamp(milliseconds: $0))) }
        #expect(crowd.filter { room.lacks($0, 10) }.count == Waits.most)
    }

    // MARK: The end

    @Test("a film ends when it has played so long", arguments: [(20.0, 1.0, 20.0), (20, 2, 12.75), (20.0004, 1, 20.001)])
    func end(duration: Double, rate: Double, seconds: Double) throws {
        var room = Room.playing(duration)
        if rate != 1 { try room.does(.rate(rate), 5) }
        #expect(room.wakesAt == at(seconds) && room.wakes(seconds - 0.001) == .nothing)
        let before = room.sequence
        #expect(room.wakes(seconds) == .ended)
        #expect(room.action == .end && !room.isPlaying && room.truth.position == duration && room.sequence == before + 1)
        #expect(room.wakesAt == nil && room.wakes(100) == .nothing)
    }

    @Test("what comes next begins when a film is over")
    func next() {
        var room = Room.playing(20)
        #expect(room.isOver(at: at(20)) && room.wakes(20, next: RoomFilm(entry: "b", duration: 60)) == .ended)
        #expect(room.film?.entry == "b" && room.action == .next && room.truth.isMoving && room.truth.at == at(21.5))
    }

    @Test("a film that comes to its end while it is held is over at once")
    func endHeld() {
        var room = Room.playing(20)
        _ = room.lacks(anna, 19.8)
        #expect(room.wakesAt == at(20.3) && room.wakes(20.3) == .ended)
        #expect(!room.isHeld && room.waits.isEmpty)
    }

    @Test("a film of unknown length never ends", arguments: [nil, Double.nan, .infinity, 0, -5])
    func unknown(duration: Double?) throws {
        var room = Room.playing(duration)
        #expect(room.wakesAt == nil && room.wakes(1_000_000) == .nothing)
        #expect(try room.does(.seek(5000), 10) && room.truth.position == 5000)
    }
}
