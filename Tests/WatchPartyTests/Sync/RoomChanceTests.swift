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

    private func change(_ room: inout Room, _ seconds: Double, _ random: inout SeededGenerator) -> Bool {
        let person = Bool.random(using: &random) ? anna : boris
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return (try? room.does(.play(), seconds)) ?? false
        case 1: return (try? room.does(.pause(), seconds)) ?? false
        case 2: return (try? room.does(.seek(Double.random(in: -5...50, using: &random)), seconds)) ?? false
        case 3: return (try? room.does(.rate(Double.random(in: 0...3, using: &random)), seconds)) ?? false
        case 4: return (try? room.carryOut(.pause(), by: person, basedOn: room.sequence - 1, now: at(seconds), lead: lead)) ?? false
        case 5: return room.left(person, now: at(seconds), lead: lead)
        case 6, 7: return room.lacks(person, seconds)
        case 8: return room.has(person, seconds)
        default: return room.wakes(seconds) != .nothing
        }
    }
}
