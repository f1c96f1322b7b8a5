import Core
import TestSupport
import Testing

@testable import WatchParty

/// What holds of every room, whatever happened to it.
@Suite("Rooms by chance")
struct RoomChanceTests {
    @Test("truths are counted one by one, and a room is never due in the past", arguments: 1...40 as ClosedRange<UInt64>)
    func invariants(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var room = Room.showing(40, waitSeconds: 3)
        var seconds = 0.0
        for step in 0..<200 {
            seconds += Double.random(in: 0...1.5, using: &random)
            let before = room
            let isChanged = change(&room, seconds, &random)
            let place: Comment = "seed \(seed), step \(step)"
            #expect(room.sequence == before.sequence + (isChanged ? 1 : 0), place)
            #expect(isChanged || room.motion(at: at(seconds)) == before.motion(at: at(seconds)), place)
            #expect(room.isPlaying || room.waits.isEmpty, place)
            #expect(room.truth.isMoving == (room.isPlaying && room.waits.isEmpty), place)
            #expect((0...40).contains(room.position(at: at(seconds))), place)
            if room.film == before.film, !isChanged || room.truth.at > at(seconds) {
                #expect(isNear(room.position(at: at(seconds)), before.position(at: at(seconds))), "nothing changes in the past; \(place)")
            }
            while let due = room.wakesAt, due <= at(seconds) { #expect(room.wakes(seconds) != .nothing, place) }
        }
    }

    @Test("a seek comes true whatever says nothing of the place meanwhile, however the leads change", arguments: 1...40 as ClosedRange<UInt64>)
    func goals(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var room = Room.showing(600, waitSeconds: 3)
        _ = try? room.does(.play(), -1)
        var seconds = 0.0
        var goal: RoomMotion?
        for step in 0..<200 {
            seconds += Double.random(in: 0...0.6, using: &random)
            let lead = Duration.milliseconds(Int.random(in: 200...2000, using: &random))
            if change(&room, by: Bool.random(using: &random) ? anna : boris, seconds, lead: lead, &random), room.action == .seek { goal = room.truth }
            guard let awaited = goal, awaited.at > at(seconds) else { continue }
            #expect(isNear(room.position(at: awaited.at), awaited.position), "seed \(seed), step \(step)")
        }
    }

    private func change(_ room: inout Room, _ seconds: Double, _ random: inout SeededGenerator) -> Bool {
        let person = Bool.random(using: &random) ? anna : boris
        return change(&room, by: person, seconds, lead: lead, &random)
    }

    private func change(
        _ room: inout Room, by person: Person, _ seconds: Double, lead: Duration, _ random: inout SeededGenerator
    ) -> Bool {
        func does(_ command: RoomCommand) -> Bool {
            (try? room.carryOut(command, by: person, basedOn: room.sequence, now: at(seconds), lead: lead)) ?? false
        }
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return does(.play())
        case 1: return does(.pause())
        case 2: return does(.seek(Double.random(in: -5...50, using: &random)))
        case 3: return does(.rate(Double.random(in: 0...3, using: &random)))
        case 4: return (try? room.carryOut(.pause(), by: person, basedOn: room.sequence - 1, now: at(seconds), lead: lead)) ?? false
        case 5: return room.left(person, now: at(seconds), lead: lead)
        case 6, 7: return room.buffering(person, now: at(seconds), lead: lead)
        case 8: return room.ready(person, now: at(seconds), lead: lead)
        default: return room.wakes(seconds) != .nothing
        }
    }
}
