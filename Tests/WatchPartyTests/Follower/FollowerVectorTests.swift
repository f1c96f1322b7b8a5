import Core
import Foundation
import Testing

/// The cases that every client of a party is to agree with.
@Suite("Followers by the shared cases")
struct FollowerVectorTests {
    @Test("the clock", arguments: Vectors.shared.clock)
    func clock(_ row: Vectors.Clock) {
        var clock = FollowedClock()
        for probe in row.probes { clock.measured(t0: probe[0], t1: probe[1], t2: probe[2], t3: probe[3]) }
        #expect(clock.offset == row.offset && clock.roundTrip == row.roundTrip && clock.nextProbe == row.nextProbe)
    }

    @Test("where the film is", arguments: Vectors.shared.truth)
    func truth(_ row: Vectors.Truth) throws {
        var truth = FollowedTruth()
        for state in row.states { truth.taken(try Vectors.shared.state(state)) }
        for look in row.looks {
            let state = try #require(truth.inForce(at: look.now))
            #expect(state.playing == look.playing && isNear(state.position(at: look.now), look.place), "at \(look.now)")
            #expect(truth.nextTurn(after: look.now) == look.nextTurn, "at \(look.now)")
        }
    }

    @Test("what a player does", arguments: Vectors.shared.follower)
    func follower(_ row: Vectors.Conduct) throws {
        var follower = Follower()
        for step in row.steps {
            let state = try Vectors.shared.state(step.state), player = try Vectors.shared.player(step.player)
            let actions = follower.follow(state, now: step.now, player: player)
            #expect(actions.elementsEqual(step.actions.map(\.action), by: Self.isSame), "at \(step.now): \(actions)")
            if let lookIn = step.lookIn { #expect(abs(follower.lookIn - lookIn) < 0.01, "at \(step.now)") }
        }
    }

    private static func isSame(_ left: FollowAction, _ right: FollowAction) -> Bool {
        switch (left, right) {
        case (.rate(let one), .rate(let other)), (.seek(let one), .seek(let other)): isNear(one, other)
        default: left == right
        }
    }
}
