import Core
import TestSupport

@testable import WatchParty

/// Who comes to a party with which machine and line, and what they do: all of it out of one number.
struct SimulatedPlan {
    /// What somebody does, whatever the rules tell their player.
    enum Deed { case command(RoomCommand), leave, dryUp }

    struct Line {
        /// Milliseconds there and back, and on top of each way.
        var roundTrip: ClosedRange<Double> = 20...200
        var jitter = 20.0
        var lossPerMille: ClosedRange<Int> = 0...20
        /// How much of the round trip is the way there.
        var share: ClosedRange<Double> = 0.42...0.58
    }

    var members: [SimulatedMember] = []
    var deeds: [(at: Double, who: Int, deed: Deed)] = []
    var films: [RoomFilm]
    var waitSeconds: Int
    /// Milliseconds.
    var length: Double

    /// - Parameters:
    ///   - busy: milliseconds in which commands, stalls and departures fall; then everybody is left alone.
    ///   - calm: milliseconds without any.
    init(seed: UInt64, line: Line = Line(), busy: Double = 20_000, calm: Double = 14_000) {
        var random = SeededGenerator(seed: seed)
        length = busy + calm
        waitSeconds = Int.random(in: 0...5, using: &random)
        let isShort = Int.random(in: 0..<6, using: &random) == 0
        films = (0..<3).map { RoomFilm(entry: "film \($0)", duration: isShort ? Double(12 + 9 * $0) : 7200) }
        let count = Int.random(in: 3...5, using: &random)
        for index in 0..<count {
            let late = index > 1 && Bool.random(using: &random) ? Double.random(in: 3000...busy, using: &random) : Double(index) * 120
            members.append(Self.member(index, line: line, joinsAt: late, length: 7200, &random))
        }
        deeds = [(1500, 0, .command(.play()))]
        addCommands(until: busy, &random)
        addTroubles(until: busy, &random)
    }

    /// Somebody as chance has it.
    static func member(_ index: Int, line: Line, joinsAt: Double, length: Double, _ random: inout SeededGenerator) -> SimulatedMember {
        let way = Double.random(in: line.roundTrip, using: &random)
        let share = Double.random(in: line.share, using: &random)
        let loss = Int.random(in: line.lossPerMille, using: &random)
        let lag = Double.random(in: 20...80, using: &random)
        let cost = Double.random(in: 40...350, using: &random)
        let make = SimulatedPlayer.Make(startLag: lag...(lag + 40), seekCost: cost...(cost + 100))
        return SimulatedMember(
            person: .guest(GrantID(at: Timestamp(milliseconds: Int64(index)))),
            clock: SimulatedClock(
                offset: Double.random(in: -5000...5000, using: &random), partsPerMillion: Double.random(in: -50...50, using: &random)),
            joinsAt: joinsAt, up: SimulatedLink(base: way * share, jitter: line.jitter, lossPerMille: loss),
            down: SimulatedLink(base: way * (1 - share), jitter: line.jitter, lossPerMille: loss),
            player: SimulatedPlayer(make, length: length, now: 0), random: SeededGenerator(seed: random.next()))
    }

    private mutating func addCommands(until end: Double, _ random: inout SeededGenerator) {
        var time = 1500.0
        while true {
            // In bursts, so that some are stale and some meet changes whose moment has not come.
            time += Bool.random(using: &random) ? Double.random(in: 10...600, using: &random) : Double.random(in: 1000...9000, using: &random)
            guard time < end else { return }
            deeds.append((time, Int.random(in: 0..<members.count, using: &random), .command(command(&random))))
        }
    }

    private func command(_ random: inout SeededGenerator) -> RoomCommand {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<3: .play()
        case 3..<5: .pause()
        case 5..<8: .seek(Double.random(in: 0...(films[0].end * 0.8), using: &random))
        case 8: .rate([0.5, 1, 1.25, 2].randomElement(using: &random) ?? 1)
        default: .select(films.randomElement(using: &random) ?? films[0])
        }
    }

    private mutating func addTroubles(until end: Double, _ random: inout SeededGenerator) {
        for index in members.indices {
            if Int.random(in: 0..<3, using: &random) == 0 {
                let from = Double.random(in: 2000...(end - 1000), using: &random)
                members[index].player.make.droughts = [from...min(end, from + Double.random(in: 300...12_000, using: &random))]
                deeds.append((from, index, .dryUp))
            }
            guard index > 0, Int.random(in: 0..<5, using: &random) == 0 else { continue }
            deeds.append((Double.random(in: 2500...end, using: &random), index, .leave))
        }
    }
}
