import Core
import Foundation
import TestSupport
import Testing

@testable import WatchParty

@Suite("Simulated parties")
struct SimulationTests {
    private static let isSoak = ProcessInfo.processInfo.environment["LUMIERE_SOAK"] != nil
    private static let count: UInt64 = isSoak ? 5000 : 60

    @Test("whatever happens, the room converges, is never stuck, never echoes, and all are in step")
    func schedules() {
        var settled: [Double] = []
        var standing: [Double] = []
        var soon: [Double] = []
        var tally = SimulatedServer.Tally()
        for seed in 1...Self.count {
            let plan = SimulatedPlan(seed: seed)
            var simulation = Simulation(plan)
            let findings = simulation.run()
            #expect(findings.violations.isEmpty, "seed \(seed)")
            let patience = Double(plan.members.count * plan.waitSeconds * 1000 + findings.holds * 2000)
            #expect(findings.heldFor <= patience, "held for too long, seed \(seed)")
            #expect(findings.settled.allSatisfy { $0 < 0.1 } && findings.standing.allSatisfy { $0 < 0.04 }, "out of step, seed \(seed)")
            settled += findings.settled
            standing += findings.standing
            soon += findings.soon
            tally.add(findings.tally)
        }
        #expect(min(tally.accepted, tally.unchanged, tally.stale, tally.waits, tally.ends) > 0, "\(tally): too little happens")
        for (name, values) in [("settled", settled), ("standing", standing), ("one second after", soon)] {
            print("\(name): p95 \((Self.p95(values) * 1000).rounded()) ms of \(values.count) looks")
        }
        #expect(Self.p95(settled) < 0.04, "of \(settled.count) looks, ten seconds after the last change")
        #expect(Self.p95(standing) < 0.04, "of \(standing.count) looks at a film that stands")
        #expect(Self.p95(soon) < 0.1, "of \(soon.count) looks, one second after the last change")
    }

    @Test("who comes late is in step within two seconds, and changes nothing for the others", arguments: 1...(isSoak ? 500 : 12))
    func late(seed: Int) {
        let before = Self.quiet(seed: UInt64(seed), withGuest: false)
        let with = Self.quiet(seed: UInt64(seed), withGuest: true)
        #expect(with.states == before.states, "seed \(seed)")
        #expect(with.landed.allSatisfy { $0 < 0.1 } && !with.landed.isEmpty, "\(with.landed), seed \(seed)")
    }

    /// A party that only plays; somebody may come in the middle of it.
    private static func quiet(seed: UInt64, withGuest: Bool) -> Findings {
        var plan = SimulatedPlan(seed: seed, busy: 5000, calm: 10_000)
        var random = SeededGenerator(seed: seed)
        plan.films = [RoomFilm(entry: "film", duration: 7200)]
        plan.deeds = [(1500, 0, .command(.play()))]
        plan.members = (0..<3).map { SimulatedPlan.member($0, line: .init(), joinsAt: 0, length: 7200, &random) }
        let guest = SimulatedPlan.member(3, line: .init(), joinsAt: 6000, length: 7200, &random)
        if withGuest { plan.members.append(guest) }
        var simulation = Simulation(plan)
        return simulation.run()
    }

    private static func p95(_ values: [Double]) -> Double {
        values.isEmpty ? .infinity : values.sorted()[values.count * 95 / 100]
    }
}
