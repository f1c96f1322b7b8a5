import Core
import Foundation
import Testing

@testable import WatchParty

@Suite("Commands to a room")
struct RoomCommandTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var isPlaying = true
        /// What is asked, ten seconds after the film began; it takes effect half a second later.
        var command: RoomCommand
        var position: Double
        var isMoving: Bool
        var rate = 1.0
        var action: RoomAction
    }

    private static let other = RoomFilm(entry: "b", duration: 60)

    static let cases: [Case] = [
        Case(testDescription: "play", isPlaying: false, command: .play(), position: 0, isMoving: true, action: .play),
        Case(testDescription: "play from", isPlaying: false, command: .play(position: 30), position: 30, isMoving: true, action: .play),
        Case(testDescription: "play on elsewhere", command: .play(position: 30), position: 30, isMoving: true, action: .play),
        Case(testDescription: "pause", command: .pause(), position: 10.5, isMoving: false, action: .pause),
        Case(testDescription: "pause where one sees it", command: .pause(position: 10), position: 10, isMoving: false, action: .pause),
        Case(testDescription: "stand elsewhere", isPlaying: false, command: .pause(position: 9), position: 9, isMoving: false, action: .pause),
        Case(testDescription: "seek", command: .seek(100), position: 100, isMoving: true, action: .seek),
        Case(testDescription: "seek while it stands", isPlaying: false, command: .seek(100), position: 100, isMoving: false, action: .seek),
        Case(testDescription: "seek beyond the end", isPlaying: false, command: .seek(1e300), position: 600, isMoving: false, action: .seek),
        Case(testDescription: "seek before the beginning", command: .seek(-5), position: 0, isMoving: true, action: .seek),
        Case(testDescription: "rate", command: .rate(2), position: 10.5, isMoving: true, rate: 2, action: .rate),
        Case(testDescription: "rate while it stands", isPlaying: false, command: .rate(0.5), position: 0, isMoving: false, rate: 0.5, action: .rate),
    ]

    @Test("a command takes effect a little later, and until then all is as it was", arguments: cases)
    func effect(_ row: Case) throws {
        var room = row.isPlaying ? Room.playing() : .showing()
        let before = room
        #expect(try room.does(row.command, 10))
        #expect(room.sequence == before.sequence + 1 && room.action == row.action && room.by == anna)
        #expect(room.truth.at == at(10.5) && isNear(room.truth.position, row.position))
        #expect(room.truth.isMoving == row.isMoving && room.truth.rate == row.rate)
        #expect(isNear(room.position(at: at(10.4)), before.position(at: at(10.4))))
        #expect(isNear(room.position(at: at(11.5)), row.position + (row.isMoving ? row.rate : 0)))
    }

    @Test("another film is shown at once, and begins a little later than other things do")
    func films() throws {
        var room = Room.playing()
        try room.does(.rate(2), 5)
        try room.does(.select(Self.other), 10)
        #expect(room.film == Self.other && room.position(at: at(10)) == 0 && room.position(at: at(11.5)) == 0)
        #expect(isNear(room.position(at: at(12.5)), 2), "a rate is of the room, not of a film")
        var standing = Room.showing()
        try standing.does(.select(Self.other), 10)
        #expect(!standing.isPlaying, "what stood stands")
        try standing.does(.next(Self.other), 20)
        #expect(standing.isPlaying && standing.action == .next, "what comes next plays")
        try standing.does(.next(nil), 30)
        #expect(standing.film == nil && !standing.isPlaying && standing.wakesAt == nil)
    }

    @Test("a command that is based on another truth is refused and changes nothing", arguments: cases, [-1, 1, 1000])
    func stale(_ row: Case, off: Int64) {
        var room = row.isPlaying ? Room.playing() : .showing()
        let before = room
        #expect(throws: RoomRefusal.stale) {
            try room.carryOut(row.command, by: boris, basedOn: before.sequence + off, now: at(10), lead: lead)
        }
        #expect(room == before)
    }

    @Test("what is so already is no other truth", arguments: [
        (true, RoomCommand.play()), (false, .pause()), (false, .pause(position: 0)), (false, .seek(0)), (false, .seek(-3)), (true, .rate(1)),
        (false, .rate(1)),
    ])
    func unchanged(isPlaying: Bool, command: RoomCommand) throws {
        var room = isPlaying ? Room.playing() : .showing()
        let before = room
        #expect(try !room.does(command, 10))
        #expect(room == before)
    }

    @Test("what is no number or no rate is refused", arguments: [
        RoomCommand.play(position: .nan), .pause(position: .infinity), .seek(.nan), .seek(-.infinity), .rate(.nan), .rate(0.49), .rate(2.01),
        .rate(-1), .rate(.infinity),
    ])
    func malformed(command: RoomCommand) {
        var room = Room.playing()
        let before = room
        #expect(throws: RoomRefusal.self) { try room.does(command, 10) }
        #expect(room == before)
    }

    @Test("without a film there is nothing to play", arguments: [RoomCommand.play(), .pause(), .seek(1), .rate(2)])
    func nothing(command: RoomCommand) throws {
        var room = Room(waitSeconds: 5, now: at(0))
        #expect(throws: RoomRefusal.nothingShown) { try room.does(command, 1) }
        #expect(try !room.does(.next(nil), 1))
    }

    @Test("while the moment of a command has not come, another one goes on from what will be then")
    func pending() throws {
        var room = Room.playing()
        try room.does(.seek(100), 10)
        try room.does(.pause(), 10.2)
        #expect(isNear(room.position(at: at(10.45)), 10.45), "nothing yet")
        #expect(isNear(room.position(at: at(10.6)), 100.1), "the seek")
        #expect(isNear(room.position(at: at(20)), 100.2), "the pause, from where the seek has led")
    }

    @Test("what was to begin after a later word on the place never does")
    func overtaken() throws {
        var room = Room.playing()
        _ = try room.carryOut(.seek(100), by: anna, basedOn: room.sequence, now: at(10), lead: .seconds(2))
        try room.does(.seek(300), 10.2)
        #expect(isNear(room.position(at: at(10.6)), 10.6))
        #expect(isNear(room.position(at: at(13)), 300 + 2.3))
    }

    /// What is done 0.2 s after a seek that takes two seconds, by whom half a second is enough.
    static let later: [(String, @Sendable (inout Room) throws -> Void, Double)] = [
        ("rate", { try $0.does(.rate(2), 10.2) }, 102), ("pause", { try $0.does(.pause(), 10.2) }, 100),
        ("pause and play", { room in
            try room.does(.pause(), 10.2)
            try room.does(.play(), 10.4)
        }, 101),
        ("a wait", { _ = $0.lacks(anna, 10.2) }, 100),
        ("a short wait", { room in
            _ = room.lacks(anna, 10.2)
            _ = room.has(anna, 10.4)
        }, 101),
    ]

    @Test("what says nothing of the place never undoes what did, however much quicker it is", arguments: later.indices)
    func leads(index: Int) throws {
        let (name, act, place) = Self.later[index]
        var room = Room.playing()
        _ = try room.carryOut(.seek(100), by: anna, basedOn: room.sequence, now: at(10), lead: .seconds(2))
        try act(&room)
        #expect(room.truth.at == at(12), "\(name)")
        #expect(isNear(room.position(at: at(11.9)), 11.9) && isNear(room.position(at: at(12)), 100), "\(name)")
        #expect(isNear(room.position(at: at(13)), place), "\(name)")
    }

    @Test("a film that is being opened has its time, whatever is asked meanwhile", arguments: [
        [RoomCommand.rate(2)], [.pause(), .play()], [.pause(position: 0), .play(position: 0)], [.seek(30)],
    ])
    func opening(commands: [RoomCommand]) throws {
        var room = Room.playing()
        try room.does(.select(Self.other), 10)
        for (index, command) in commands.enumerated() { try room.does(command, 10.1 + Double(index) / 10) }
        #expect(room.truth.at == at(11.5) && room.truth.isMoving)
    }

    @Test("a moment that only a wrong clock can have made holds up nothing")
    func wrongClock() throws {
        var room = Room.playing()
        try room.does(.seek(100), 3600)
        #expect(try room.does(.pause(), 10) && room.truth.at == at(10.5))
    }

    @Test("however many commands meet one moment, what is before it stays")
    func crowd() throws {
        var room = Room.playing()
        _ = try room.carryOut(.seek(100), by: anna, basedOn: room.sequence, now: at(10), lead: .seconds(2))
        for number in 0..<20 { try room.does(.rate(number.isMultiple(of: 2) ? 2 : 1), 10.1 + Double(number) / 100) }
        #expect(isNear(room.position(at: at(11)), 11) && isNear(room.position(at: at(12)), 100))
    }

    @Test("at its end a film begins anew", arguments: [true, false])
    func again(isStanding: Bool) throws {
        var room = Room.playing(20)
        if isStanding { #expect(room.wakes(20) == .ended) }
        #expect(try room.does(.play(), 25))
        #expect(room.truth.position == 0 && room.truth.isMoving)
    }

    @Test("however much is asked at once, a room stays small and comes back from its text")
    func size() throws {
        var room = Room.playing()
        for number in 0..<1000 { try room.does(.seek(Double(number % 500)), 10 + Double(number) / 10_000) }
        for number in 0..<1000 { _ = room.lacks(.guest(GrantID(at: Timestamp(milliseconds: Int64(number)))), 12) }
        #expect(room.waits.current.count == Waits.most)
        let text = try JSONEncoder().encode(room)
        #expect(text.count < 40_000)
        #expect(try JSONDecoder().decode(Room.self, from: text) == room)
    }

    @Test("the refusal of a stale command brings the truth along")
    func problem() {
        let problem = RoomRefusal.stale.problem(state: .object(["sequence": .integer(7)]))
        #expect(problem.status == 409 && problem.code == "stale")
        #expect(problem.members["state"] == .object(["sequence": .integer(7)]))
    }
}
